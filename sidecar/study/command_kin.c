#include "command_kin.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MOST 256

/* A piece of a command: an option and its value, or a word alone, whose key is its place among those. Points into the command. */
struct piece { const char *key, *value; size_t key_length, value_length, place; };
struct pieces { struct piece of[WORDS_MOST]; size_t n; };

static bool is_number(const char *text, size_t length)
{
    char copy[64], *end;
    if (!length || length >= sizeof copy) return false;
    memcpy(copy, text, length), copy[length] = 0;
    strtod(copy, &end);
    return !*end;
}

static size_t word_length(const char *at) { return strcspn(at, " "); }
static bool is_option(const char *word) { return *word == '-' && !is_number(word, word_length(word)); }

/* "python3.11" in any directory is "python". */
static void simplify_program(struct piece *p)
{
    for (size_t i = 0; i < p->value_length; i++)
        if (p->value[i] == '/') p->value += i + 1, p->value_length -= i + 1, i = (size_t)-1;
    while (p->value_length > 1 && (isdigit((unsigned char)p->value[p->value_length - 1]) || p->value[p->value_length - 1] == '.')) p->value_length--;
}

static const char *take_piece(struct pieces *all, const char *at, size_t *places)
{
    size_t length = word_length(at);
    const char *equals = memchr(at, '=', length), *next = at + length + strspn(at + length, " ");
    struct piece *p = &all->of[all->n++];
    *p = (struct piece){.key = "", .value = at, .value_length = length};
    if (equals && equals > at) *p = (struct piece){at, equals + 1, (size_t)(equals - at), length - (size_t)(equals - at) - 1, 0};
    else if (!is_option(at)) p->place = ++*places;
    else if (*next && !is_option(next)) *p = (struct piece){at, next, length, word_length(next), 0}, next += word_length(next);
    else *p = (struct piece){at, at + length, length, 0, 0};
    if (p->place == 1) simplify_program(p);
    return next + strspn(next, " ");
}

static void split(struct pieces *all, const char *command)
{
    size_t places = 0;
    all->n = 0;
    for (const char *at = command + strspn(command, " "); *at && all->n < WORDS_MOST;) at = take_piece(all, at, &places);
}

static const struct piece *find(const struct pieces *all, const struct piece *like)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->of[i].place == like->place && all->of[i].key_length == like->key_length && !memcmp(all->of[i].key, like->key, like->key_length)) return &all->of[i];
    return NULL;
}

static bool same_value(const struct piece *a, const struct piece *b)
{
    if (a->value_length == b->value_length && !memcmp(a->value, b->value, a->value_length)) return true;
    return is_number(a->value, a->value_length) && is_number(b->value, b->value_length);
}

/* Did the earlier study itself give it different values? */
static bool is_varied(const struct piece *p, const char *const *others, size_t n)
{
    static _Thread_local struct pieces first, other;
    const struct piece *one, *two;
    split(&first, others[0]);
    if (!(one = find(&first, p))) return false;
    for (size_t i = 1; i < n; i++) {
        split(&other, others[i]);
        if ((two = find(&other, p)) && !same_value(one, two)) return true;
    }
    return false;
}

/* What a has is found in b, or may be missing or different there. */
static bool is_covered(const struct pieces *a, const struct pieces *b, const char *const *others, size_t n)
{
    for (size_t i = 0; i < a->n; i++) {
        const struct piece *mine = &a->of[i], *theirs = find(b, mine);
        bool may_be_missing = !mine->place && is_number(mine->value, mine->value_length);
        if (theirs ? !same_value(mine, theirs) && !is_varied(mine, others, n) : !may_be_missing && !is_varied(mine, others, n)) return false;
    }
    return true;
}

bool command_is_kin(const char *command, const char *const *others, size_t n)
{
    static _Thread_local struct pieces mine, theirs;
    split(&mine, command);
    if (!n || !mine.n) return false;
    split(&theirs, others[n - 1]);
    return is_covered(&mine, &theirs, others, n) && is_covered(&theirs, &mine, others, n);
}
