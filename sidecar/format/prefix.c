#include "prefix.h"

#include "format.h"
#include "glance.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* A prefix is a row of items. Some show that it is one (a time, a level, a source file); others (a host, a process id, a logger's name) only
 * belong to it when one of those follows. */
enum item { ITEM_STOP, ITEM_MAYBE, ITEM_SURE };

#define ITEMS_MAX 14
#define GROUP_MAX 160 /* bytes of "[...]" */
#define SIZE(table) (sizeof(table) / sizeof *(table))

struct slice { const char *text; size_t length; };

static bool digit(char c) { return c >= '0' && c <= '9'; }
static bool letter(char c) { return (unsigned char)((c | 0x20) - 'a') < 26; }

static size_t digits(struct slice s, size_t from)
{
    size_t i = from;
    while (i < s.length && digit(s.text[i])) i++;
    return i - from;
}

static bool is_word(struct slice s, const char *word) { return s.length == strlen(word) && !memcmp(s.text, word, s.length); }

static bool is_one_of(struct slice s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (*words[i] == *s.text && is_word(s, words[i])) return true;
    return false;
}

/* 12:00:01, 12:00:01,123, 2021-03-01, 2021/03/01, 03/01/21, 2021-03-01T12:00:01Z: three numbers of two or four digits, two signs alike.
 * A comma may have milliseconds or a time behind it, but no other number: that is a table. */
static bool is_time(struct slice s)
{
    size_t a = digits(s, 0);
    if ((a != 2 && a != 4) || a + 5 >= s.length || !strchr(":-/", s.text[a]) || digits(s, a + 1) != 2 || s.text[a + 3] != s.text[a] || digits(s, a + 4) < 2) return false;
    const char *comma = memchr(s.text, ',', s.length);
    size_t from = comma ? (size_t)(comma - s.text) + 1 : 0, more = digits(s, from);
    return !comma || (more == 3 && from + more == s.length) || (more == 2 && from + more < s.length && s.text[from + more] == ':');
}

/* 03/01 before a time: a day. */
static bool is_day(struct slice s, const char *end)
{
    const char *next = s.text + s.length;
    if (s.length != 5 || digits(s, 0) != 2 || !strchr("/-", s.text[2]) || digits(s, 3) != 2 || next + 8 >= end || *next != ' ') return false;
    return is_time((struct slice){next + 1, 8});
}

static bool is_level(struct slice s)
{
    static const char *const levels[] = {"INFO", "DEBUG", "WARNING", "WARN", "ERROR", "CRITICAL", "NOTICE", "SUCCESS", "TRACE", "LOG", "Info"};
    const char *colon = memchr(s.text, ':', s.length); /* INFO:root: */
    if (colon) s.length = (size_t)(colon - s.text);
    if (s.length == 5 && strchr("IWEF", *s.text) && digits(s, 1) == 4) return true; /* glog: I0301 */
    return is_one_of(s, levels, SIZE(levels));
}

/* trainer.py:123, solver.cpp:244, yolox.core.trainer:after_iter:253, engine:12 */
static bool is_source(struct slice s, bool inside)
{
    size_t tail = s.length;
    while (tail && digit(s.text[tail - 1])) tail--;
    if (tail == s.length || tail < 2 || s.text[tail - 1] != ':' || !(isalpha((unsigned char)*s.text) || strchr("_./<", *s.text))) return false;
    if (memchr(s.text, '=', s.length)) return false;
    const char *colon = memchr(s.text, ':', s.length);
    return inside || colon < s.text + tail - 1 || memchr(s.text, '.', tail);
}

/* trainer.py, also with a place in it: logging.py:69:log_dist */
static bool is_file(struct slice s)
{
    const char *colon = memchr(s.text, ':', s.length);
    if (colon) s.length = (size_t)(colon - s.text);
    static const char *const ends[] = {".py", ".cc", ".cpp", ".cu", ".cxx", ".h", ".hpp", ".java", ".jl", ".lua", ".go", ".rs"};
    for (size_t i = 0; i < SIZE(ends); i++) {
        size_t n = strlen(ends[i]);
        if (s.length > n && !memcmp(s.text + s.length - n, ends[i], n)) return true;
    }
    return false;
}

/* rank0, Rank 3, pid=123, stdout, 10.0.0.1 */
static bool is_process(struct slice s)
{
    static const char *const marks[] = {"rank", "Rank", "RANK", "worker", "Worker"};
    if (text_has(s.text, s.length, "pid=") || (s.length > 5 && (text_has(s.text, s.length, "stdout") || text_has(s.text, s.length, "stderr")))) return true;
    for (size_t i = 0; i < SIZE(marks); i++)
        if (*s.text == *marks[i] && s.length < 12 && s.length >= strlen(marks[i]) && !memcmp(s.text, marks[i], strlen(marks[i]))) return true;
    size_t dots = 0;
    for (size_t i = 0; i < s.length; i++) {
        dots += s.text[i] == '.';
        if (!digit(s.text[i]) && s.text[i] != '.') return false;
    }
    return dots == 3;
}

static bool is_calendar(struct slice s)
{
    static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    return s.length == 3 && is_one_of(s, names, SIZE(names));
}

static const bool ends_item[256] = {[' '] = true, ['\t'] = true, ['['] = true, [']'] = true, ['('] = true, [')'] = true, ['{'] = true, ['}'] = true, ['|'] = true, ['='] = true};

/* Up to a blank or a bracket; of "INFO:tensorflow:loss" the first two. */
static size_t item_length(struct slice rest)
{
    size_t i = 0;
    const char *colon = memchr(rest.text, ':', rest.length < 10 ? rest.length : 10);
    if (colon && is_level((struct slice){rest.text, (size_t)(colon - rest.text)})) {
        for (i = (size_t)(colon - rest.text) + 1; i < rest.length && (isalnum((unsigned char)rest.text[i]) || strchr("._-", rest.text[i]));) i++;
        return i < rest.length && rest.text[i] == ':' ? i + 1 : (size_t)(colon - rest.text) + 1;
    }
    while (i < rest.length && !ends_item[(unsigned char)rest.text[i]] && !(rest.text[i] == ',' && (i + 1 == rest.length || !digit(rest.text[i + 1])))) i++;
    return i;
}

static bool is_logger(struct slice s)
{
    for (size_t i = 0; i < s.length; i++)
        if (!isalnum((unsigned char)s.text[i]) && !strchr("._-", s.text[i])) return false;
    return isalpha((unsigned char)*s.text) || *s.text == '_';
}

/* "allennlp.training.trainer - ": who speaks. */
static bool is_module(struct slice s, const char *end)
{
    const char *next = s.text + s.length;
    return is_logger(s) && (memchr(s.text, '.', s.length) || *s.text == '_') && next + 1 < end && *next == ' ' && strchr("-|", next[1]);
}

static bool std_within(const char *s, size_t n)
{
    for (const char *d = s; (d = memchr(d, 'd', (size_t)(s + n - d))); d++)
        if (d > s + 1 && d[-1] == 't' && d[-2] == 's') return true;
    return false;
}

/* Small letters alone up to a blank, and neither "stderr" nor a rank: most words of most messages, which may only belong to a prefix. 0: it is
 * something else. */
static size_t plain_length(struct slice rest)
{
    size_t i = 0;
    while (i < rest.length && (unsigned char)(rest.text[i] - 'a') < 26) i++;
    bool process = i > 6 && (!memcmp(rest.text, "rank", 4) || !memcmp(rest.text, "work", 4) || std_within(rest.text, i));
    return i < rest.length && rest.text[i] == ' ' && !process ? i : 0;
}

/* "120,2.31,4e-05": the row of a table, without a letter that a process could be named with. */
static bool is_row(struct slice s)
{
    size_t a = digits(s, 0);
    return a && a < s.length && s.text[a] == ',' && !memchr(s.text, 's', s.length) && !memchr(s.text, 'p', s.length);
}

static enum item word_item(struct slice s, const char *end, bool anchored)
{
    if (is_row(s)) return ITEM_STOP;
    if (is_time(s) || is_day(s, end) || is_level(s)) return ITEM_SURE;
    if (anchored && is_source(s, false)) return ITEM_SURE;
    if (s.text[s.length - 1] == ':') s.length--;
    if (!s.length) return ITEM_STOP;
    if (is_process(s) && s.length > 6) return ITEM_SURE;
    if (is_calendar(s)) return ITEM_MAYBE;
    if (anchored && (is_word(s, "AM") || is_word(s, "PM") || is_word(s, "UTC"))) return ITEM_SURE;
    if (digits(s, 0) == s.length) return anchored || (s.text + s.length < end && s.text[s.length] == ':') ? ITEM_MAYBE : ITEM_STOP;
    return is_logger(s) ? ITEM_MAYBE : ITEM_STOP;
}

/* What stands in brackets: any time, level, file or rank in it makes it a prefix. */
static enum item group_item(struct slice s, const char *end)
{
    enum item item = ITEM_MAYBE;
    if (is_process(s)) return ITEM_SURE;
    for (size_t i = 0; i < s.length;) {
        while (i < s.length && strchr(" ,:", s.text[i])) i++;
        struct slice part = {s.text + i, item_length((struct slice){s.text + i, s.length - i})};
        if (part.length && (is_time(part) || is_day(part, end) || is_level(part) || is_source(part, true) || is_file(part))) return ITEM_SURE;
        if (!part.length) part.length = 1;
        i += part.length;
    }
    if (digits(s, 0) == s.length) item = ITEM_STOP;
    return is_logger(s) ? item : ITEM_STOP;
}

/* "[...]" at s, with what it holds; 0: it is not closed near by. */
static size_t group_length(struct slice s)
{
    static const char closes[] = {['['] = ']', ['('] = ')', ['<'] = '>'};
    int depth = 0;
    for (size_t i = 0; i < s.length && i < GROUP_MAX; i++) {
        depth += s.text[i] == *s.text;
        depth -= s.text[i] == closes[(unsigned char)*s.text];
        if (!depth) return i + 1;
    }
    return 0;
}

static size_t skip_blanks(struct slice s)
{
    size_t i = 0;
    while (i < s.length && (s.text[i] == ' ' || s.text[i] == '\t')) i++;
    return i;
}

static bool is_between(char c)
{
    switch (c) {
    case ' ': case '\t': case '-': case '|': case ':': case ',': case '>': case ']': case '~': return true;
    default: return false;
    }
}

/* Where the item begins that follows the one that ends at i; the sign of a number belongs to it. */
static size_t skip(struct slice s, size_t i)
{
    size_t from = i;
    if (i + 1 < s.length && s.text[i] == ' ' && letter(s.text[i + 1])) return i + 1; /* most often */
    while (i < s.length && is_between(s.text[i])) i++;
    bool sign = i < s.length && i > from && s.text[i - 1] == '-' && (digit(s.text[i]) || s.text[i] == '.');
    return i - sign;
}

/* Words that name what is measured or count it. */
static const char *const speaking[] = {"train", "valid", "val", "test", "eval", "dev", "epoch", "step", "iter", "iteration", "batch", "loss", "training", "validation", "validating", "evaluation", "evaluating", "testing"};

/* As those begin; most words do not. */
static bool may_speak(struct slice s)
{
    static const uint32_t first = 1 << ('b' & 31) | 1 << ('d' & 31) | 1 << ('e' & 31) | 1 << ('i' & 31) | 1 << ('l' & 31) | 1 << ('s' & 31) | 1 << ('t' & 31) | 1 << ('v' & 31);
    if (s.length < 3 || !(first >> (*s.text & 31) & 1)) return false;
    switch ((unsigned char)(s.text[0] | 0x20) << 8 | (unsigned char)(s.text[1] | 0x20)) {
    case 't' << 8 | 'r': case 'v' << 8 | 'a': case 't' << 8 | 'e': case 'e' << 8 | 'v': case 'd' << 8 | 'e':
    case 'e' << 8 | 'p': case 's' << 8 | 't': case 'i' << 8 | 't': case 'b' << 8 | 'a': case 'l' << 8 | 'o': return true;
    default: return false;
    }
}

static bool begins_with(struct slice s, const char *word)
{
    size_t i = 0;
    while (i < s.length && word[i] && (s.text[i] | 0x20) == word[i]) i++;
    return !word[i] && (i == s.length || !letter(s.text[i]));
}

/* An item that begins with one of them belongs to the message. */
static bool speaks(struct slice s)
{
    if (!may_speak(s)) return false;
    for (size_t i = 0; i < SIZE(speaking); i++)
        if (speaking[i][1] == (s.text[1] | 0x20) && begins_with(s, speaking[i])) return true;
    return false;
}

/* "python[4711]:", as syslog writes it; 0: it is something else. */
static size_t program_length(struct slice rest, size_t name)
{
    size_t id = name + 1 < rest.length && rest.text[name] == '[' ? digits(rest, name + 1) : 0, end = name + 1 + id;
    return name && id && end + 1 < rest.length && rest.text[end] == ']' && rest.text[end + 1] == ':' ? end + 2 : 0;
}

static bool opens(char c) { return c == '[' || c == '(' || c == '<'; }

/* One item at i; *next is where it ends. */
static enum item item_at(struct slice line, size_t i, bool anchored, bool syslog, size_t *next)
{
    const char *end = line.text + line.length;
    struct slice rest = {line.text + i, line.length - i};
    size_t length = opens(*rest.text) ? group_length(rest) : 0;
    if (length > 2) {
        *next = i + length;
        struct slice held = {rest.text + 1, length - 2};
        return speaks(held) ? ITEM_STOP : group_item(held, end);
    }
    length = item_length(rest);
    *next = i + length;
    if (syslog && program_length(rest, length)) {
        *next = i + program_length(rest, length);
        return ITEM_SURE;
    }
    return length && !speaks((struct slice){rest.text, length}) ? word_item((struct slice){rest.text, length}, end, anchored) : ITEM_STOP;
}

/* Lines that begin with a plain word and rows of tables are most of those without a prefix. */
static bool may_begin(struct slice line, size_t i)
{
    struct slice rest = {line.text + i, line.length - i};
    size_t first = digits(rest, 0);
    if (first + 1 < rest.length && digit(rest.text[first + 1]) && is_row(rest)) return false;
    return i < line.length && (digit(line.text[i]) || opens(line.text[i]) || isupper((unsigned char)line.text[i]));
}

struct walk { size_t at, end; int items; unsigned maybe; bool dated, syslog; };

/* Nothing behind a blank that a letter follows changes what was made of the items before it. */
static bool is_cut(struct slice line, size_t at) { return at && at < line.length && line.text[at - 1] == ' ' && isalpha((unsigned char)line.text[at]); }

static void keep(struct prefix *last, struct slice line, const struct walk *w)
{
    if (w->end > PREFIX_KEPT || !is_cut(line, w->end)) return;
    *last = (struct prefix){.length = w->end, .items = w->items, .maybe = w->maybe, .syslog = w->syslog};
    memcpy(last->text, line.text, w->end);
}

/* Does the line begin with the last prefix? The walk goes on behind it then. */
static bool resume(const struct prefix *last, struct slice line, struct walk *w)
{
    if (!last->length || !is_cut(line, last->length) || !glance_same_but_digits(last->text, line.text, last->length)) return false;
    *w = (struct walk){.at = last->length, .end = last->length, .items = last->items, .maybe = last->maybe, .syslog = last->syslog};
    return true;
}

static bool step_over_plain(struct slice line, struct walk *w, size_t length)
{
    if (speaks((struct slice){line.text + w->at, length}) || (!w->end && w->items > 2)) return false;
    w->dated = false, w->maybe++, w->items++;
    w->at = skip(line, w->at + length);
    return true;
}

/* One item further. False: the prefix ends before it. */
static bool step(struct slice line, struct walk *w)
{
    size_t next, from = w->at, plain = plain_length((struct slice){line.text + from, line.length - from});
    if (plain) return step_over_plain(line, w, plain);
    enum item item = item_at(line, from, w->end > 0 || w->dated, w->syslog && w->end, &next);
    w->dated = item == ITEM_MAYBE && is_calendar((struct slice){line.text + from, next - from});
    w->syslog |= w->dated;
    if (item == ITEM_STOP || (item == ITEM_MAYBE && !w->end && w->items > 2)) return false;
    w->maybe = item == ITEM_MAYBE ? w->maybe + 1 : 0;
    w->items++;
    w->at = skip(line, next);
    if (item == ITEM_SURE || (w->end && w->maybe == 1 && is_module((struct slice){line.text + from, next - from}, line.text + line.length))) w->end = w->at;
    return true;
}

/* "Chain 1: ", "Chain [1] " of Stan: one of several that do the same; 0: it is none. */
static size_t chain_length(struct slice line)
{
    if (line.length < 8 || *line.text != 'C' || memcmp(line.text, "Chain ", 6)) return 0;
    bool bracket = line.text[6] == '[';
    size_t from = 6 + bracket, end = from + digits(line, from);
    if (end == from || end + 1 >= line.length || line.text[end] != (bracket ? ']' : ':') || line.text[end + 1] != ' ') return 0;
    return end + 2;
}

size_t prefix_length(struct prefix *last, const char *text, size_t length)
{
    struct slice line = {text, length};
    size_t chain = chain_length(line);
    if (chain) return chain;
    struct walk w = {.at = skip_blanks(line)}, found = {0};
    bool same = resume(last, line, &w);
    size_t known = w.end;
    if (!same && !may_begin(line, w.at)) return 0;
    while (w.items < ITEMS_MAX && w.at < length && w.maybe < 4 && step(line, &w))
        if (w.end == w.at) found = w;
    if (w.end > known) keep(last, line, &found);
    return w.end;
}
