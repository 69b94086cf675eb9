#include "field.h"

#include "counter.h"
#include "glance.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TOKENS_MAX 2048
#define DEPTH_MAX 8
#define PHRASE_WORDS 4

struct scan {
    struct fields *out;
    const char *text;
    struct token tokens[TOKENS_MAX];
    size_t n;
    size_t path[DEPTH_MAX]; /* token that names each open brace; SIZE_MAX: nameless */
    unsigned depth;
    size_t told;            /* tokens before this one belong to numbers that were found */
    enum field_context context; /* what the words between names said last */
    bool bar;               /* a bar has begun */
    size_t behind;          /* the field that comes first behind one; SIZE_MAX: none */
    bool history;           /* the object holds lists of numbers, one number a record */
    struct token key;       /* the string of "key": "...", which names "value" (MLPerf) */
};

void fields_clear(struct fields *f)
{
    f->n = 0;
    f->context = CONTEXT_NONE;
    *f->open = 0;
}

void fields_add(struct fields *f, const char *name, size_t length, double value, double total, char separator, size_t from)
{
    if (f->n == FIELDS_MAX) return;
    struct field *field = &f->field[f->n++];
    if (length >= FIELD_NAME_MAX) name += length - (FIELD_NAME_MAX - 1), length = FIELD_NAME_MAX - 1;
    while (length && ((unsigned char)*name & 0xc0) == 0x80) name++, length--; /* cut within a character */
    memcpy(field->name, name, length);
    field->name[length] = 0;
    field->value = value, field->total = total, field->separator = separator, field->from = from, field->context = CONTEXT_NONE, field->leads = field->begins = false;
    field->at = from, field->total_at = SIZE_MAX;
}

/* ---- context -------------------------------------------------------------------------------------------------------------- */

static const struct { char word[12]; enum field_context context; } context_words[] = {
    {"valid", CONTEXT_EVAL}, {"validation", CONTEXT_EVAL}, {"validating", CONTEXT_EVAL}, {"val", CONTEXT_EVAL}, {"eval", CONTEXT_EVAL},
    {"evaluation", CONTEXT_EVAL}, {"evaluating", CONTEXT_EVAL}, {"test", CONTEXT_EVAL}, {"testing", CONTEXT_EVAL}, {"dev", CONTEXT_EVAL}, {"crossval", CONTEXT_EVAL}, {"vali", CONTEXT_EVAL}, {"evaluate", CONTEXT_EVAL}, {"validate", CONTEXT_EVAL},
    {"heldout", CONTEXT_EVAL}, {"evaluated", CONTEXT_EVAL}, {"tested", CONTEXT_EVAL},
    {"train", CONTEXT_TRAIN}, {"training", CONTEXT_TRAIN}, {"train_inner", CONTEXT_TRAIN},
};

/* What a byte is to a word: part of one, and perhaps the first letter of one that says something. */
enum { WORD_PART = 1, WORD_BEGIN = 2 };

static const unsigned char *word_bytes(void)
{
    static _Thread_local unsigned char bytes[256];
    if (bytes['_']) return bytes;
    for (int c = 0; c < 256; c++) bytes[c] = isalnum(c) || c == '_' ? WORD_PART : 0;
    for (size_t i = 0; i < sizeof context_words / sizeof *context_words; i++) {
        int first = *context_words[i].word;
        bytes[first] |= WORD_BEGIN, bytes[toupper(first)] |= WORD_BEGIN;
    }
    return bytes;
}

static enum field_context word_context(const char *word, size_t length)
{
    if (length < 3 || length > 11 || !(word_bytes()[(unsigned char)*word] & WORD_BEGIN)) return CONTEXT_NONE;
    for (size_t i = 0; i < sizeof context_words / sizeof *context_words; i++)
        if (context_words[i].word[0] == (word[0] | 0x20) && context_words[i].word[1] == (word[1] | 0x20) && context_words[i].word[length - 1] && !context_words[i].word[length] && !strncasecmp(context_words[i].word, word, length)) return context_words[i].context;
    return CONTEXT_NONE;
}

enum field_context context_of(const char *text, size_t length)
{
    const unsigned char *bytes = word_bytes(), *t = (const unsigned char *)text;
    enum field_context context = CONTEXT_NONE;
    for (size_t i = 0, end; (i = glance_for_data_word(text, length, i)) < length; i++) {
        if (!(bytes[t[i]] & WORD_BEGIN) || (i && bytes[t[i - 1]])) continue;
        for (end = i; end < length && bytes[t[end]];) end++;
        enum field_context found = word_context(text + i, end - i);
        if (found) context = found;
    }
    return context;
}

/* ---- names ---------------------------------------------------------------------------------------------------------------- */

static bool is(const struct token *t, char c) { return t->type == TOKEN_PUNCT && *t->text == c; }
static bool is_whole(const struct token *t) { return !memchr(t->text, '.', t->length) && t->value >= 0; }
static bool is_name(const struct token *t) { return t->type == TOKEN_WORD || t->type == TOKEN_STRING; }

static bool links(const struct token *t)
{
    static const char words[][9] = {"is", "of", "at", "was", "to", "reported", "INFO", "DEBUG", "root", "WARNING"};
    if (t->type != TOKEN_WORD || t->length > 8) return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (*t->text == *words[i] && !memcmp(t->text, words[i], t->length) && !words[i][t->length]) return true;
    return false;
}

static bool token_is(const struct token *t, const char *word) { return t->type == TOKEN_WORD && t->length == strlen(word) && !memcmp(t->text, word, t->length); }

/* "Loss after epoch 3: 0.5" */
static bool joins(const struct token *t) { return links(t) || token_is(t, "after") || token_is(t, "for") || token_is(t, "in") || token_is(t, "on") || token_is(t, "over"); }

static bool is_type(const struct token *t) { return t->type == TOKEN_WORD && ((t->length == 3 && !memcmp(t->text, "int", 3)) || (t->length == 5 && !memcmp(t->text, "float", 5))); }

struct slice { const char *text; size_t length; };

/* "objective_49b94_00000": a name of something, that differs from run to run. */
static bool is_id(const struct token *t)
{
    size_t digits = 0;
    for (size_t i = 0; i < t->length; i++) digits += isdigit((unsigned char)t->text[i]) != 0;
    return digits > 3;
}

/* The phrase that ends in token last: words one blank apart. */
static struct slice phrase(const struct scan *s, size_t last)
{
    size_t first = last;
    if (s->tokens[last].type == TOKEN_WORD)
        while (first && last - first + 1 < PHRASE_WORDS && s->tokens[first].gap == 1 && s->tokens[first - 1].type == TOKEN_WORD && !links(&s->tokens[first - 1]) && !token_is(&s->tokens[first - 1], "and") && !is_id(&s->tokens[first - 1])) first--;
    const char *end = s->tokens[last].text + s->tokens[last].length;
    return (struct slice){s->tokens[first].text, (size_t)(end - s->tokens[first].text)};
}

/* "val_loss improved from 0.81 to 0.78", "resuming from iteration 0, epoch 0": what was, told again. */
static bool is_history(const struct scan *s, size_t last)
{
    for (size_t i = last + 1; i-- && last - i <= PHRASE_WORDS;)
        if (s->tokens[i].type == TOKEN_WORD && s->tokens[i].length == 4 && !memcmp(s->tokens[i].text, "from", 4)) return true;
    return false;
}

static bool is_quote(const struct token *t) { return is(t, '"') || is(t, '\'') || is(t, '*') || is(t, '`'); }

/* Does token k close a word's parenthesis: "Epoch(train)" (mmengine)? */
static bool is_call(const struct scan *s, size_t k)
{
    return k > 2 && is(&s->tokens[k], ')') && is_name(&s->tokens[k - 1]) && is(&s->tokens[k - 2], '(') && !s->tokens[k - 2].gap && is_name(&s->tokens[k - 3]);
}

static bool is_aspect(const struct token *t)
{
    static const char *const words[] = {"avg", "average", "mean", "micro", "macro", "ema", "best", "total"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (t->type == TOKEN_WORD && t->length == strlen(words[i]) && !strncasecmp(t->text, words[i], t->length)) return true;
    return t->type == TOKEN_WORD && word_context(t->text, t->length);
}

/* The '(' of "f1-score (micro avg) 1.0", "cross-entropy (AVG/SUM): 45.6" and "Reward (last 10): 0.5", where token k - 1 is the ')': the name stands before it. k: there
 * is none. */
static size_t before_aside(const struct scan *s, size_t k, bool tied)
{
    if (k < 4 || !is(&s->tokens[k - 1], ')')) return k;
    for (size_t i = k - 2; i && k - i < 6; i--) {
        if (is(&s->tokens[i], '(')) return (tied || is_aspect(&s->tokens[i + 1])) && is_name(&s->tokens[i - 1]) ? i : k;
        if (s->tokens[i].type == TOKEN_NUMBER && !tied) return k;
    }
    return k;
}

/* "Average objective for minibatches 0-9 is -3.45": the first words of the clause that ends before token i. */
static bool clause(const struct scan *s, size_t i, struct slice *name)
{
    size_t first = i, last;
    while (first > s->told && !is(&s->tokens[first - 1], ',') && !is(&s->tokens[first - 1], ';') && !is(&s->tokens[first - 1], '|')) first--;
    while (first < i && !is_name(&s->tokens[first])) first++;
    if (first == i) return false;
    for (last = first; last + 1 < i && last - first + 1 < PHRASE_WORDS && s->tokens[last + 1].type == TOKEN_WORD && s->tokens[last + 1].gap == 1 && !joins(&s->tokens[last + 1]);) last++;
    bool of = i > first + 4 && is_quote(&s->tokens[i - 1]) && is_quote(&s->tokens[i - 3]) && token_is(&s->tokens[i - 4], "for"); /* function for 'output-xent' is -1.2 */
    if (of) last = i - 1;
    *name = (struct slice){s->tokens[first].text, (size_t)(s->tokens[last].text + s->tokens[last].length - s->tokens[first].text)};
    return true;
}

/* "on the 10000 test images": how many there are of something. */
static bool is_of_things(const struct scan *s, size_t k)
{
    return k && k + 1 < s->n && token_is(&s->tokens[k - 1], "the") && s->tokens[k + 1].type == TOKEN_WORD && s->tokens[k + 1].gap == 1 && is_whole(&s->tokens[k]);
}

/* Do the words that end before token i say no more than what the value is of, "Accuracy on the 10000 test images: 51 %"? */
static bool is_amid(const struct scan *s, size_t i)
{
    size_t first = i;
    while (first && i - first < PHRASE_WORDS && s->tokens[first - 1].type == TOKEN_WORD && !joins(&s->tokens[first - 1])) first--;
    if (!first || first == i) return false;
    if (s->tokens[first - 1].type == TOKEN_NUMBER) return is_of_things(s, first - 1);
    const struct token *join = &s->tokens[first - 1];
    return i - first == PHRASE_WORDS - 1 && (token_is(join, "on") || token_is(join, "in") || token_is(join, "of")); /* a phrase would begin with it */
}

/* Is token t of those that stand for what a program counts, "iterations"? */
static bool is_counted(const struct token *t)
{
    static const char *const things[] = {"steps", "iterations", "updates", "epochs"};
    for (size_t i = 0; i < sizeof things / sizeof *things; i++)
        if (token_is(t, things[i])) return true;
    return false;
}

/* Where the type begins that a number is shown with, "tensor(0.31, device=...)", "np.float32(0.31)", "tensor([0.31])"; k: it is shown alone. */
static size_t before_type(const struct scan *s, size_t k)
{
    static const char *const types[] = {"tensor", "Tensor", "array", "Array", "DeviceArray", "np.float32", "np.float64", "float32"};
    size_t i = k > 3 && is(&s->tokens[k - 1], '[') ? k - 1 : k;
    if (i < 3 || !is(&s->tokens[i - 1], '(') || s->tokens[i - 1].gap) return k;
    for (size_t n = 0; n < sizeof types / sizeof *types; n++)
        if (token_is(&s->tokens[i - 2], types[n])) return i - 2;
    return k;
}

/* "Epoch 3: 0.31" and nothing else, where the number at token k is the last and i tokens stand before what separates it. */
static bool is_all(const struct scan *s, size_t i, size_t k)
{
    char word[FIELD_NAME_MAX];
    const struct token *t = &s->tokens[k];
    if (i > 2 && (is(&s->tokens[i - 1], '-') || is(&s->tokens[i - 1], ','))) i--;
    if (i != 2 || k + 1 < s->n || s->tokens[0].type != TOKEN_WORD || s->tokens[1].type != TOKEN_NUMBER || s->tokens[0].length >= sizeof word) return false;
    if (t->value == floor(t->value) || !isdigit((unsigned char)t->text[t->length - 1]) || s->tokens[1].value != floor(s->tokens[1].value)) return false;
    snprintf(word, sizeof word, "%.*s", (int)s->tokens[0].length, s->tokens[0].text);
    return counter_word_of(word).rank;
}

/* "360: 26.15, 26.9 avg", "41, 5.125: 0.59, 0.57 avg": nothing but counts before the colon that token i is. */
static bool only_counts_before(const struct scan *s, size_t i)
{
    bool two = i == 3 && is(&s->tokens[1], ',') && s->tokens[2].type == TOKEN_NUMBER;
    return (i == 1 || two) && s->tokens[0].type == TOKEN_NUMBER;
}

/* Name of the number at token k and how it is tied to it. False: it has none on its left. */
static bool name_left(const struct scan *s, size_t k, struct slice *name, char *separator)
{
    size_t i = k;
    *separator = ' ';
    while (i && is_quote(&s->tokens[i - 1])) i--;
    i = before_type(s, i);
    if (i > 1 && is(&s->tokens[i - 1], ',') && (is(&s->tokens[i - 2], ':') || is(&s->tokens[i - 2], '='))) i--; /* print("loss:,", loss) */
    if (i && (is(&s->tokens[i - 1], '[') || is(&s->tokens[i - 1], '(') || is(&s->tokens[i - 1], '#')) && i > 1) {
        if (is_call(s, i - 2)) {
            *name = phrase(s, i - 5);
            *separator = '[';
            return true;
        }
        bool tied = is_name(&s->tokens[i - 2]) || is(&s->tokens[i - 2], ':') || is(&s->tokens[i - 2], '=');
        if (!tied || (is(&s->tokens[i - 1], '(') && s->tokens[i - 1].gap)) return false;
        i--, *separator = '[';
    }
    if (i && (is(&s->tokens[i - 1], '=') || is(&s->tokens[i - 1], ':'))) {
        if (*separator == ' ') *separator = *s->tokens[i - 1].text;
        i--;
        if (i && is(&s->tokens[i - 1], '|') && !s->tokens[i].gap) i--; /* |proj g|= */
        while (i && (is_quote(&s->tokens[i - 1]) || is(&s->tokens[i - 1], '=') || is(&s->tokens[i - 1], ':') || is(&s->tokens[i - 1], ']'))) i--;
    }
    i = before_aside(s, i, i < k);
    if (i > 2 && is_type(&s->tokens[i - 1]) && is(&s->tokens[i - 2], ':')) i -= 2; /* num_iterations : int = 1480 */
    if (i > 1 && is(&s->tokens[i - 1], '.') && !s->tokens[i - 1].gap) i--;          /* Up. 20 */
    bool prose = i && (token_is(&s->tokens[i - 1], "is") || token_is(&s->tokens[i - 1], "was"));
    while (i > 1 && s->tokens[i - 1].type == TOKEN_WORD && links(&s->tokens[i - 1])) i--;
    if (i > 3 && i < k && s->tokens[i - 1].type == TOKEN_NUMBER && s->tokens[i - 2].type == TOKEN_WORD && joins(&s->tokens[i - 3])) i -= 3; /* Score at iteration 0 is 1.62 */
    if (i > 3 && i < k && is_counted(&s->tokens[i - 1]) && s->tokens[i - 2].type == TOKEN_NUMBER && joins(&s->tokens[i - 3])) i -= 3; /* Loss after 100 iterations: 1.62 */
    if ((*separator == ':' && only_counts_before(s, i)) || is_all(s, i, k)) {
        *name = (struct slice){"loss", 4};
        return true;
    }
    if (i && prose && !is_name(&s->tokens[i - 1])) return clause(s, i, name);
    if (!i || !is_name(&s->tokens[i - 1])) return false;
    if ((prose || *separator != ' ') && s->tokens[i - 1].type == TOKEN_WORD && is_amid(s, i)) return clause(s, i, name);
    *name = phrase(s, i - 1);
    return !is_history(s, i - 1);
}

/* "0.31 avg, 12.5 rate": the word behind, when a comma or the end follows it. "0.3ms loss" is a time. */
static bool name_right(const struct scan *s, size_t k, struct slice *name)
{
    if (s->tokens[k].text[s->tokens[k].length - 1] == 's') return false;
    if (k + 1 >= s->n || s->tokens[k + 1].type != TOKEN_WORD || s->tokens[k + 1].gap != 1) return false;
    static const char *const measures[] = {"perplexity", "accuracy", "loss", "error"};
    size_t last = k + 1;
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++)
        if (token_is(&s->tokens[last], measures[i]) && last + 1 < s->n && s->tokens[last + 1].type == TOKEN_WORD) { /* 5.6 perplexity estimate based on ... */
            *name = (struct slice){s->tokens[last].text, s->tokens[last].length};
            return true;
        }
    if (k + 2 < s->n && s->tokens[k + 2].type == TOKEN_WORD && s->tokens[k + 2].gap == 1) last++; /* 26.9 avg loss, */
    if (last + 1 < s->n && !is(&s->tokens[last + 1], ',')) return false;
    *name = (struct slice){s->tokens[k + 1].text, (size_t)(s->tokens[last].text + s->tokens[last].length - s->tokens[k + 1].text)};
    return true;
}

/* ---- objects -------------------------------------------------------------------------------------------------------------- */

static void open_brace(struct scan *s, size_t k)
{
    size_t named = SIZE_MAX;
    if (k > 1 && (is(&s->tokens[k - 1], ':') || is(&s->tokens[k - 1], '=')) && is_name(&s->tokens[k - 2])) named = k - 2;
    if (s->depth < DEPTH_MAX) s->path[s->depth] = named;
    s->depth++;
}

/* "}, {": the next record of a list. */
static void close_brace(struct scan *s, size_t k)
{
    s->depth--;
    if (k + 2 < s->n && is(&s->tokens[k + 1], ',') && is(&s->tokens[k + 2], '{') && s->out->record && s->out->n) s->out->record(s->out->owner);
}

static void join(char *out, size_t *n, struct slice part)
{
    if (*n && *n < FIELD_NAME_MAX - 1) out[(*n)++] = '/';
    for (size_t i = 0; i < part.length && *n < FIELD_NAME_MAX - 1; i++) out[(*n)++] = part.text[i];
}

static bool slice_is(struct slice s, const char *word) { return s.length == strlen(word) && !memcmp(s.text, word, s.length); }

/* Nothing but what a count may be wrapped in stands before it: "[12]", "#12", "[ (12 )". */
static bool leads(const struct scan *s, const struct token *number)
{
    size_t k = 0;
    while (k < 2 && (is(&s->tokens[k], '[') || is(&s->tokens[k], '(') || is(&s->tokens[k], '#') || is(&s->tokens[k], '<'))) k++;
    return number->text == s->tokens[k].text;
}

static void add(struct scan *s, struct slice name, const struct token *number, double total, char separator)
{
    size_t n = s->out->n;
    fields_add(s->out, name.text, name.length, number->value, total, separator, (size_t)(number->text - s->text));
    if (s->out->n == n) return;
    s->out->field[n].context = s->context;
    s->out->field[n].begins = n && n == s->behind;
    s->out->field[n].leads = leads(s, number);
}

/* The path of an object's number; "value" and "metadata" are wrapping, not names. */
static void add_in_object(struct scan *s, struct slice name, const struct token *number, double total, char separator)
{
    char out[FIELD_NAME_MAX];
    size_t n = 0;
    if (!s->depth && !s->key.length && name.length < FIELD_NAME_MAX) {
        add(s, name, number, total, separator);
        return;
    }
    for (unsigned d = 0; d < s->depth && d < DEPTH_MAX; d++)
        if (s->path[d] != SIZE_MAX && !slice_is((struct slice){s->tokens[s->path[d]].text, s->tokens[s->path[d]].length}, "metadata"))
            join(out, &n, (struct slice){s->tokens[s->path[d]].text, s->tokens[s->path[d]].length});
    bool wrapped = (slice_is(name, "value") && (n || s->key.length)) || (slice_is(name, "mean") && n);
    if (wrapped && s->key.length) join(out, &n, (struct slice){s->key.text, s->key.length});
    if (!wrapped) join(out, &n, name);
    add(s, (struct slice){out, n}, number, total, separator);
}

static void string_value(struct scan *s, size_t k)
{
    struct slice key = {s->tokens[k - 2].text, s->tokens[k - 2].length};
    if (slice_is(key, "key")) s->key = s->tokens[k];
    if (slice_is(key, "mode") || slice_is(key, "split") || slice_is(key, "phase") || slice_is(key, "stage")) {
        enum field_context c = word_context(s->tokens[k].text, s->tokens[k].length);
        if (c) s->out->context = c;
    }
}

/* ---- the line ------------------------------------------------------------------------------------------------------------- */

/* "24 GB", "24GiB": memory, which counts nothing. */
static bool is_memory(const struct scan *s, size_t k)
{
    static const char *const units[] = {"GB", "GiB", "MB", "MiB", "G", "Gb", "Mb"};
    size_t digits = 0;
    const struct token *t = &s->tokens[k];
    while (digits < t->length && (isdigit((unsigned char)t->text[digits]) || t->text[digits] == '.')) digits++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t n = strlen(units[i]);
        if (t->length == digits + n && !memcmp(t->text + digits, units[i], n)) return true;
        if (t->length == digits && k + 1 < s->n && token_is(&s->tokens[k + 1], units[i])) return true;
    }
    return false;
}

/* "3/10", "1 / 20", "3 of 10": the total, and how many tokens it takes. */
static size_t fraction(const struct scan *s, size_t k, double *total)
{
    *total = NAN;
    if (k + 2 < s->n && is(&s->tokens[k + 1], '/') && s->tokens[k + 2].type == TOKEN_NUMBER && is_memory(s, k + 2)) return 2;
    if (k + 2 < s->n && is(&s->tokens[k + 1], '/') && s->tokens[k + 2].type == TOKEN_NUMBER && s->tokens[k + 1].gap <= 1) {
        bool more = k + 4 < s->n && is(&s->tokens[k + 3], '/') && s->tokens[k + 4].type == TOKEN_NUMBER; /* 60.1/30.2/18.1 */
        if (!more) *total = s->tokens[k + 2].value;
        return 2;
    }
    if (k + 2 < s->n && token_is(&s->tokens[k + 1], "of") && s->tokens[k + 2].type == TOKEN_NUMBER && s->tokens[k].value <= s->tokens[k + 2].value) {
        *total = s->tokens[k + 2].value;
        return 2;
    }
    return 0;
}

/* A pair of quotes with nothing between is a token without a letter. */
static bool is_percent(const struct token *t) { return t->length && t->text[t->length - 1] == '%'; }

/* " 35%|", "35% ━━━": how far a bar is. Between two tokens there is nothing but blanks and what bars are drawn with. */
static bool is_bar_percent(const struct scan *s, size_t k)
{
    if (!is_percent(&s->tokens[k]) || k + 1 >= s->n) return false;
    const char *end = s->tokens[k].text + s->tokens[k].length, *next = s->tokens[k + 1].text;
    return next > end ? memchr(end, 0xe2, (size_t)(next - end)) != NULL : *next == '|';
}

/* "Train: 160 sentences": so many of something, no value of "Train". */
static bool is_amount(const struct scan *s, size_t k)
{
    struct slice thing;
    const struct token *t = &s->tokens[k];
    return !memchr(t->text, '.', t->length) && name_right(s, k, &thing);
}

/* "3 x 3", "4 x 4 x 8": how large something is, no values. */
static bool is_of_size(const struct scan *s, size_t k)
{
    bool first = k + 2 < s->n && token_is(&s->tokens[k + 1], "x") && s->tokens[k + 2].type == TOKEN_NUMBER;
    return first || (k > 1 && token_is(&s->tokens[k - 1], "x") && s->tokens[k - 2].type == TOKEN_NUMBER);
}

/* "number of nan iterations: 0": a word, no value. */
static bool is_nan_word(const struct scan *s, size_t k)
{
    return !isfinite(s->tokens[k].value) && k && links(&s->tokens[k - 1]) && k + 1 < s->n && s->tokens[k + 1].type == TOKEN_WORD;
}

/* "11/24 02:33:35": a day, no progress. */
static bool is_date(const struct scan *s, size_t k)
{
    if (k + 3 >= s->n) return false;
    const struct token *time = &s->tokens[k + 3];
    return time->type == TOKEN_JUNK && time->gap == 1 && time->length >= 5 && memchr(time->text, ':', time->length);
}


/* Is token k the first number in brackets, "[3/10]", "[3]"? */
static bool is_in_brackets(const struct scan *s, size_t k) { return k && is(&s->tokens[k - 1], '['); }

static bool starts_bracket_fraction(const struct scan *s, size_t k)
{
    return k + 3 < s->n && is(&s->tokens[k], '[') && s->tokens[k + 1].type == TOKEN_NUMBER && is(&s->tokens[k + 2], '/') && s->tokens[k + 3].type == TOKEN_NUMBER;
}

/* "[3/10][20/500]", "Train: 3 [20/500]": an epoch, and how far it is. "Test: [20/500]": how far the test is. The name changes. */
static void name_progress(const struct scan *s, size_t k, size_t taken, bool bare, struct slice *name)
{
    if ((name->length && !bare) || !is_whole(&s->tokens[k])) return;
    size_t after = k + taken + 1;
    bool outer = taken && is_in_brackets(s, k) && after < s->n && is(&s->tokens[after], ']') && starts_bracket_fraction(s, after + 1);
    bool label = bare && !taken && after + 1 < s->n && is(&s->tokens[after], ':') && is_bar_percent(s, after + 1); /* "Train 4: 35%|" */
    bool inner = !taken && is_in_brackets(s, k) && after < s->n && is(&s->tokens[after], ']') && starts_bracket_fraction(s, after + 1); /* [3][20/500] */
    if (outer || inner || label || (bare && !taken && starts_bracket_fraction(s, after))) *name = (struct slice){"epoch", 5};
    else if (bare && taken && is_in_brackets(s, k)) *name = (struct slice){"", 0};
}

/* The unit of "1epoch:train", where it is what counts. */
static bool name_unit(const struct token *t, struct slice *name)
{
    static const char *const units[] = {"epoch", "epochs", "ep", "step", "steps", "iter", "iters"};
    size_t i = 0;
    while (i < t->length && isdigit((unsigned char)t->text[i])) i++;
    for (size_t k = 0; k < sizeof units / sizeof *units; k++)
        if (t->length - i == strlen(units[k]) && !memcmp(t->text + i, units[k], t->length - i)) {
            *name = (struct slice){units[k], t->length - i};
            return true;
        }
    return false;
}

/* "trainer.py:12": a place, not a value. */
static bool is_place(struct slice name)
{
    static const char *const ends[] = {".py", ".cc", ".cpp", ".cu", ".hpp", ".java", ".jl", ".lua"};
    size_t tail = name.length < 5 ? name.length : 5; /* of the longest */
    if (!memchr(name.text + name.length - tail, '.', tail)) return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t n = strlen(ends[i]);
        if (name.length > n && !memcmp(name.text + name.length - n, ends[i], n)) return true;
    }
    return false;
}

/* "output #0: loss = 0.3": which output, no value. "Epoch #3" counts. */
static bool is_ordinal(const struct scan *s, size_t k, struct slice name)
{
    char copy[FIELD_NAME_MAX];
    if (!k || !is(&s->tokens[k - 1], '#') || k + 1 >= s->n || !is(&s->tokens[k + 1], ':') || name.length >= sizeof copy) return false;
    snprintf(copy, sizeof copy, "%.*s", (int)name.length, name.text);
    return !counter_word_of(copy).rank;
}

/* "Time taken for 1 epoch 82.06 sec": how long one took, not which. */
static bool is_time(const struct scan *s, size_t k)
{
    static const char *const units[] = {"sec", "secs", "second", "seconds", "ms", "min", "mins", "minutes", "hours"};
    if (s->tokens[k].text[s->tokens[k].length - 1] == 's') return true;
    if (k + 1 >= s->n || !strchr("smh", *s->tokens[k + 1].text)) return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (token_is(&s->tokens[k + 1], units[i])) return true;
    return false;
}

/* What the words say that stand before the number at token k and are no part of its name. */
static void listen(struct scan *s, size_t k, struct slice name)
{
    for (size_t i = s->told; i < k; i++) {
        const struct token *t = &s->tokens[i];
        if (t->type != TOKEN_WORD || (name.length && t->text >= name.text && t->text < name.text + name.length)) continue;
        enum field_context c = memchr(t->text, '-', t->length) ? context_of(t->text, t->length) : word_context(t->text, t->length); /* [Diff-Val] */
        if (c) s->context = c;
    }
}

/* Is the number at token k the share that the fraction before it makes? */
static bool is_share(const struct scan *s, size_t k)
{
    const struct token *t = &s->tokens[k], *of = t - 2;
    return is_percent(t) || (k > 3 && of->value > 0 && fabs(of[-2].value / of->value - t->value) < 1e-3);
}

/* "Accuracy: 9817/10000 (98%)", "79 / 85 (0.9294)": the share, under a name of its own. */
static size_t take_share(struct scan *s, size_t k, struct slice name)
{
    char copy[FIELD_NAME_MAX];
    if (k + 3 >= s->n || !is(&s->tokens[k + 1], '(') || s->tokens[k + 2].type != TOKEN_NUMBER || !is(&s->tokens[k + 3], ')') || !is_share(s, k + 2)) return 0;
    int n = snprintf(copy, sizeof copy, "%.*s (%%)", (int)name.length, name.text);
    if (name.length + 5 > sizeof copy || counter_word_of(copy).rank) return 0;
    add(s, (struct slice){copy, (size_t)n}, &s->tokens[k + 2], is_percent(&s->tokens[k + 2]) ? 100 : NAN, '%');
    return 3;
}

/* Do the words before token k announce a length: "Training for", "Training for up to", "max:", "~"? Of epochs "training" will do. */
static bool announces(const struct scan *s, size_t k, bool epochs)
{
    if (k > 3 && token_is(&s->tokens[k - 1], "to") && token_is(&s->tokens[k - 2], "up")) k -= 2;
    const struct token *before = &s->tokens[k - 1];
    if (is(before, '~') || (k > 1 && is(before, ':') && token_is(before - 1, "max"))) return true;
    if (k > 1 && token_is(before, "for")) before--;
    else if (!epochs || (k > 1 && token_is(before - 1, "after"))) return false;
    return before->type == TOKEN_WORD && word_context(before->text, before->length) == CONTEXT_TRAIN;
}

/* "Training for 3000 kimg", "(~2288 steps estimated)", "max: 12 epochs", "training 500 epochs": how long the run is to be. */
static bool name_plan(const struct scan *s, size_t k, struct slice *name)
{
    static const char *const things[] = {"steps", "iterations", "updates", "kimg", "epochs", "epoch"};
    if (!k || k + 1 >= s->n || s->tokens[k + 1].gap != 1 || !is_whole(&s->tokens[k]) || s->tokens[k].value < 2) return false;
    for (size_t i = 0; i < sizeof things / sizeof *things; i++) {
        if (!token_is(&s->tokens[k + 1], things[i]) || !announces(s, k, i >= 4)) continue;
        *name = i < 4 ? (struct slice){"max_steps", 9} : (struct slice){"max_epochs", 10};
        return true;
    }
    return false;
}

/* "processed 50 utterances": what is counted stands behind. */
static bool name_counted(const struct scan *s, size_t k, struct slice *name)
{
    static const char *const things[] = {"(batches)", "(utterances)", "(examples)", "(samples)", "(sentences)"}; /* as no log names a number */
    if (k + 1 >= s->n || s->tokens[k + 1].gap != 1 || !is_whole(&s->tokens[k])) return false;
    for (size_t i = 0; i < sizeof things / sizeof *things; i++)
        if (s->tokens[k + 1].length == strlen(things[i]) - 2 && !memcmp(s->tokens[k + 1].text, things[i] + 1, strlen(things[i]) - 2)) {
            *name = (struct slice){things[i], strlen(things[i])};
            return true;
        }
    return false;
}

/* "after 50 iterations", "50 steps, loss 0.4": how far it is. */
static bool name_done(const struct scan *s, size_t k, struct slice *name)
{
    if (k + 1 >= s->n || s->tokens[k + 1].gap != 1 || !is_whole(&s->tokens[k]) || !is_counted(&s->tokens[k + 1])) return false;
    bool begins = !k && k + 2 < s->n && (is(&s->tokens[2], ',') || is(&s->tokens[2], ':')), after = k && (token_is(&s->tokens[k - 1], "after") || token_is(&s->tokens[k - 1], "After"));
    if (begins || after) *name = (struct slice){s->tokens[k + 1].text, s->tokens[k + 1].length - 1};
    return begins || after;
}

/* "loss = 0.5 (val: 0.6)": what the word in the aside is of was named before it. */
static void name_aside(struct scan *s, struct slice *name, char *out)
{
    if (!s->out->n || name->text == s->text || name->text[-1] != '(') return;
    const char *before = s->out->field[s->out->n - 1].name;
    int n = snprintf(out, FIELD_NAME_MAX, "%.*s %.60s", (int)name->length, name->text, before);
    if (*before) *name = (struct slice){out, (size_t)n};
}

/* "1m 23s (- 20m 10s) (5000 6%) 2.84", "5000 5% (0m 8s) 2.74 Arzhaev": how much is done, its percent, and a loss without a name. How many
 * tokens behind the percent at token k; 0: it is something else. */
static size_t take_done(struct scan *s, size_t k)
{
    struct field *done = s->out->n ? &s->out->field[s->out->n - 1] : NULL;
    size_t i = k + 1;
    if (!k || !done || *done->name || s->tokens[k - 1].type != TOKEN_NUMBER || !is_whole(&s->tokens[k - 1]) || done->value != s->tokens[k - 1].value) return 0;
    if (i < s->n && is(&s->tokens[i], ')')) i++;
    if (i < s->n && is(&s->tokens[i], '('))
        while (i < s->n && i < k + 7 && !is(&s->tokens[i++], ')'));
    if (i >= s->n || s->tokens[i].type != TOKEN_NUMBER || is_whole(&s->tokens[i]) || (!is(&s->tokens[i - 1], ')'))) return 0;
    snprintf(done->name, sizeof done->name, "iter");
    add(s, (struct slice){"loss", 4}, &s->tokens[i], NAN, ' ');
    return i - k;
}

/* "2 epoch / 10 epochs": what is counted stands behind both. How many tokens it takes; 0: it is something else. */
static size_t take_counted_fraction(struct scan *s, size_t k)
{
    char word[FIELD_NAME_MAX];
    const struct token *t = &s->tokens[k];
    if (k + 4 >= s->n || !is(t + 2, '/') || t[1].type != TOKEN_WORD || t[3].type != TOKEN_NUMBER || t[4].type != TOKEN_WORD || t[4].length < t[1].length || memcmp(t[1].text, t[4].text, t[1].length)) return 0;
    snprintf(word, sizeof word, "%.*s", (int)t[1].length, t[1].text);
    if (!counter_word_of(word).rank) return 0;
    add(s, (struct slice){t[1].text, t[1].length}, t, t[3].value, ' ');
    s->out->field[s->out->n - 1].total_at = (size_t)(t[3].text - s->text);
    s->told = k + 4;
    return 3;
}

/* "2|28|Loss: 2.41": an epoch and a step stand before the first name. */
static bool name_before_bars(const struct scan *s, size_t k, struct slice *name)
{
    const struct token *t = s->tokens;
    if ((k && k != 2) || s->n < 7 || t[0].type != TOKEN_NUMBER || t[2].type != TOKEN_NUMBER || !is_name(&t[4]) || !is_whole(&t[0]) || !is_whole(&t[2])) return false;
    if (!is(&t[1], '|') || !is(&t[3], '|') || t[1].gap || t[2].gap || t[3].gap || t[4].gap) return false;
    *name = k ? (struct slice){"step", 4} : (struct slice){"epoch", 5};
    return true;
}

static size_t take_number(struct scan *s, size_t k)
{
    char aside[FIELD_NAME_MAX];
    s->bar |= is_bar_percent(s, k);
    if (is_bar_percent(s, k) || is_nan_word(s, k) || is_of_things(s, k) || is_of_size(s, k)) return 0;
    size_t behind = is_percent(&s->tokens[k]) ? take_done(s, k) : take_counted_fraction(s, k);
    if (behind) return behind;
    struct slice name = {"", 0};
    double total;
    char separator = 0;
    size_t taken = fraction(s, k, &total);
    const struct token *t = &s->tokens[k];
    if (taken && is_date(s, k)) return taken;
    if (is_percent(t) && !taken) total = 100;
    bool left = name_left(s, k, &name, &separator), bare = left && word_context(name.text, name.length); /* nothing but a word for data */
    const char *named = name.text;
    if (bare && is_amount(s, k)) left = false;
    if ((!left || separator == ' ' || slice_is(name, "max")) && (name_plan(s, k, &name) || name_done(s, k, &name))) left = true, separator = ' ';
    else if (left && separator == ' ') name_counted(s, k, &name);
    if (left && (is_place(name) || is_ordinal(s, k, name))) return taken;
    if (!left) name.length = 0;
    size_t from = name.length && name.text >= s->text && name.text < t->text ? (size_t)(name.text - s->text) : (size_t)(t->text - s->text);
    listen(s, k, name);
    if (bare && taken) s->context = word_context(name.text, name.length); /* "Test: [ 0/49]  Loss 1.47": how far the test is */
    bare &= left && name.text == named;
    name_progress(s, k, taken, bare, &name);
    if (bare && name.text == named) name_aside(s, &name, aside);
    if (left && separator != '[' && is_time(s, k)) separator = '>';
    if (!left && !name.length && (((!taken || t[1].gap == 0) && name_unit(t + taken, &name)) || name_before_bars(s, k, &name))) separator = ' ';
    if (name.length) add_in_object(s, name, t, total, separator);
    else if (!left && name_right(s, k, &name)) add(s, name, t, total, '>');
    else add(s, name, t, taken ? total : NAN, 0);
    if (left && s->out->n) s->out->field[s->out->n - 1].from = from;
    if (taken && !isnan(total) && s->out->n) s->out->field[s->out->n - 1].total_at = (size_t)(s->tokens[k + 2].text - s->text);
    if (left && taken && separator != '[') taken += take_share(s, k + taken, name);
    s->told = k + taken + 1;
    return taken;
}

/* {"loss": [0.5, 0.4, 0.3], ...}: a history, one record a number. Only where it begins with such a list; elsewhere the first of a list counts.
 * How many tokens it takes; 0: it is none. */
static size_t take_history(struct scan *s, size_t k)
{
    size_t end = k + 1, n = 0;
    if (k < 3 || !is(&s->tokens[k - 1], ':') || !is_name(&s->tokens[k - 2]) || !(s->history || is(&s->tokens[k - 3], '{'))) return 0;
    while (end + 1 < s->n && s->tokens[end].type == TOKEN_NUMBER && (is(&s->tokens[end + 1], ',') || is(&s->tokens[end + 1], ']'))) end += 2;
    if (end < k + 7 || !is(&s->tokens[end - 1], ']') || !s->out->record) return 0;
    s->history = true;
    struct slice name = {s->tokens[k - 2].text, s->tokens[k - 2].length};
    for (size_t i = k + 1; i < end; i += 2) {
        struct token index = {.text = s->tokens[i].text, .value = (double)++n};
        add(s, (struct slice){"(index)", 7}, &index, NAN, '[');
        add_in_object(s, name, &s->tokens[i], NAN, ':');
        s->out->record(s->out->owner);
    }
    s->told = end;
    return end - k - 1;
}

/* "| name | number |": one row of a box. */
static bool scan_box(struct scan *s)
{
    if (s->n < 5 || !is(&s->tokens[0], '|') || !is(&s->tokens[s->n - 1], '|') || !is(&s->tokens[s->n - 3], '|')) return false;
    const struct token *number = &s->tokens[s->n - 2], *last = &s->tokens[s->n - 4];
    if (number->type != TOKEN_NUMBER) return false;
    for (size_t i = 1; i + 3 < s->n; i++)
        if (is(&s->tokens[i], '|')) return false;
    fields_add(s->out, s->tokens[1].text, (size_t)(last->text + last->length - s->tokens[1].text), number->value, NAN, '|', (size_t)(number->text - s->text));
    return true;
}

static void note_open(struct scan *s)
{
    size_t n = s->n;
    if (n < 2 || (!is(&s->tokens[n - 1], ':') && !is(&s->tokens[n - 1], '=')) || s->tokens[n - 2].type != TOKEN_WORD) return;
    struct slice name = phrase(s, n - 2);
    if (name.length < FIELD_NAME_MAX) snprintf(s->out->open, FIELD_NAME_MAX, "%.*s", (int)name.length, name.text);
}

/* The text with marks of full width and the ordinal before a number ("第3轮，损失：0.4") in ASCII of the same length; itself where it
 * holds none. Valid until the next call. */
static const char *in_ascii(const char *text, size_t length)
{
    static const char marks[][2][4] = {{"：", ":  "}, {"，", ",  "}, {"；", ";  "}, {"（", "(  "}, {"）", ")  "}, {"＝", "=  "}, {"第", " e "}};
    static _Thread_local char copy[1024];
    if (length > sizeof copy || (!memchr(text, 0xef, length) && !memchr(text, 0xe7, length))) return text;
    memcpy(copy, text, length);
    for (size_t i = 0; i + 3 <= length; i++)
        for (size_t k = 0; k < sizeof marks / sizeof *marks; k++)
            if (!memcmp(copy + i, marks[k][0], 3)) memcpy(copy + i, marks[k][1], 3);
    return copy;
}

void fields_scan(struct fields *fields, const char *text, size_t length)
{
    static _Thread_local struct scan s;
    text = in_ascii(text, length);
    s.out = fields, s.text = text, s.depth = 0, s.key.length = 0;
    s.told = 0, s.context = CONTEXT_NONE, s.history = s.bar = false, s.behind = SIZE_MAX;
    s.n = tokenise(text, length, s.tokens, TOKENS_MAX);
    if (scan_box(&s)) return;
    note_open(&s);
    for (size_t k = 0; k < s.n; k++) {
        const struct token *t = &s.tokens[k];
        if (t->type == TOKEN_NUMBER) k += take_number(&s, k);
        else if (is(t, '{')) open_brace(&s, k);
        else if (is(t, '}') && s.depth) close_brace(&s, k);
        else if (is(t, ']') && s.bar) s.behind = s.out->n, s.bar = false;
        else if (is(t, '[')) k += take_history(&s, k);
        else if (t->type == TOKEN_STRING && k > 1 && is(&s.tokens[k - 1], ':') && s.tokens[k - 2].type == TOKEN_STRING) string_value(&s, k);
    }
}
