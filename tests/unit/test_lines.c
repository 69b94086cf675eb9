#include "../check.h"
#include "lines/lines.h"

struct sink { char text[1 << 16]; size_t n, lines; uint64_t last_number; };

static void collect(void *context, const struct line *line)
{
    struct sink *s = context;
    CHECK_INT(line->text[line->length], 0);
    int room = (int)(sizeof s->text - s->n), n = snprintf(s->text + s->n, (size_t)room, "%llu%c:%.*s|", (unsigned long long)line->number, line->end ? (line->end == '\n' ? 'n' : 'r') : 'e', (int)line->length, line->text);
    if (n < room) s->n += (size_t)n;
    s->lines++, s->last_number = line->number;
}

static void run(struct sink *s, const char *bytes, size_t n, bool chunked)
{
    struct lines *l = lines_create(collect, s);
    for (size_t i = 0; i < n;) {
        size_t k = chunked ? 1 + (size_t)(check_random() * 7) : n;
        if (k > n - i) k = n - i;
        lines_feed(l, bytes + i, k);
        i += k;
    }
    lines_end(l);
    lines_destroy(l);
}

static const char *read_all(const char *bytes)
{
    static struct sink s;
    memset(&s, 0, sizeof s);
    run(&s, bytes, strlen(bytes), false);
    return s.text;
}

TEST(ends_of_lines)
{
    CHECK_STR(read_all("a\nb\r\nc\rd\n"), "1n:a|2n:b|3r:c|3n:d|");
    CHECK_STR(read_all("half"), "1e:half|");
    CHECK_STR(read_all("\n\n\nx"), "4e:x|");
    CHECK_STR(read_all("\r\r1\r2\r\n"), "1r:1|1n:2|");
}

TEST(escapes_and_backspaces_vanish)
{
    CHECK_STR(read_all("\033[31mloss\033[0m 1\n"), "1n:loss 1|");
    CHECK_STR(read_all("\033]0;title\007x\n"), "1n:x|");
    CHECK_STR(read_all("12\b\b34\n"), "1n:34|");
    CHECK_STR(read_all("a\033[2K\033[1Ab\n"), "1r:a|1n:b|");
}

/* Bytes are looked at eight at a time: a control character must be seen at every place among them, and no byte of UTF-8 taken for one. */
TEST(control_characters_at_every_place)
{
    char bytes[64], want[80];
    for (int n = 1; n < 40; n++)
        for (int at = 0; at < n; at++) {
            memset(bytes, 'a', (size_t)n), bytes[n] = 0;
            bytes[at] = '\x1f';
            snprintf(want, sizeof want, n > 1 ? "1e:%.*s|" : "", n - 1, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
            CHECK_STR(read_all(bytes), want);
            bytes[at] = '\x80';
            snprintf(want, sizeof want, "1e:%s|", bytes);
            CHECK_STR(read_all(bytes), want);
        }
}

TEST(any_chunking_gives_the_same_lines)
{
    static const char alphabet[] = "ab1.\r\n\033[m\b\t \xc3\xa9=";
    static struct sink whole, parts;
    for (int k = 0; k < 500; k++) {
        char bytes[300];
        size_t n = (size_t)(check_random() * sizeof bytes);
        for (size_t i = 0; i < n; i++) bytes[i] = alphabet[(size_t)(check_random() * (sizeof alphabet - 1))];
        memset(&whole, 0, sizeof whole), memset(&parts, 0, sizeof parts);
        run(&whole, bytes, n, false), run(&parts, bytes, n, true);
        CHECK_STR(parts.text, whole.text);
    }
}

static void count_only(void *context, const struct line *line)
{
    size_t *longest = context;
    if (line->length > *longest) *longest = line->length;
}

TEST(a_line_of_a_hundred_megabytes_is_cut_and_counted)
{
    static char block[1 << 20];
    size_t longest = 0;
    struct lines *l = lines_create(count_only, &longest);
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 100; i++) lines_feed(l, block, sizeof block);
    lines_feed(l, "\nloss 1\n", 8);
    lines_end(l);
    CHECK_INT(longest, LINES_MAX);
    CHECK_INT(lines_too_long(l), 1);
    CHECK_INT(lines_count(l), 2);
    lines_destroy(l);
}

CHECK_MAIN
