#include "table.h"

#include "counter.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct cell { const char *text, *total_text; size_t length; bool number; double value, total; };
struct row { size_t n, numbers, pairs, words, empty; struct cell cell[TABLE_COLUMNS]; };

void table_clear(struct table *t)
{
    t->now.delimiter = t->candidate.delimiter = t->wide.delimiter = 0;
    t->now.columns = t->candidate.columns = t->wide.columns = 0;
    t->headers++;
    t->heard = 0;
}

/* A word a column may be named with. */
static bool has_letter(struct cell c)
{
    if (c.length == 1 && (*c.text == '#' || *c.text == '%')) return true;
    for (size_t i = 0; i < c.length; i++)
        if (isalpha((unsigned char)c.text[i])) return true;
    return false;
}

/* "[4.02e+00, 1.48e-02]": the first of several that make the value together (DeepXDE). */
static bool cell_list(struct cell *c)
{
    if (c->length < 3 || c->text[c->length - 1] != ']') return false;
    size_t taken = number_parse(c->text + 1, c->length - 2, &c->value);
    return taken && (c->text[1 + taken] == ',' || taken == c->length - 2);
}

/* A number, "3/10" (its first part), or with a unit behind it (2.5G). */
static bool cell_number(struct cell *c)
{
    struct token t[4];
    c->total = NAN, c->total_text = NULL;
    if (*c->text == '[') return cell_list(c);
    if (number_is(c->text, c->length, &c->value)) return true;
    size_t n = c->length < 24 ? tokenise(c->text, c->length, t, 4) : 0;
    if (!n || t[0].type != TOKEN_NUMBER) return false;
    c->value = t[0].value;
    if (n == 1) return true;
    if (n != 3 || *t[1].text != '/' || t[2].type != TOKEN_NUMBER) return false;
    c->total = t[2].value, c->total_text = t[2].text;
    return true;
}

/* "step 10", "loss: 0.5": a name with its number heads no column. */
static bool is_pair(struct cell c)
{
    for (size_t i = 1; i < c.length; i++)
        if (isdigit((unsigned char)c.text[i]) && strchr(" :=", c.text[i - 1])) return true;
    return false;
}

static void add_cell(struct row *row, const char *from, const char *to)
{
    while (from < to && isspace((unsigned char)*from)) from++;
    while (to > from && isspace((unsigned char)to[-1])) to--;
    if (to > from + 1 && *from == '"' && to[-1] == '"') from++, to--;
    if (row->n == TABLE_COLUMNS) return;
    struct cell *c = &row->cell[row->n++];
    c->text = from, c->length = (size_t)(to - from), c->number = c->length && cell_number(c);
    if (!c->length || (c->length == 2 && !memcmp(c->text, "[]", 2))) row->empty++;
    else if (c->number) row->numbers++;
    else if (is_pair(*c)) row->pairs++;
    else if (has_letter(*c)) row->words++;
}

/* The end of the cell that begins at or before at. */
static const char *cell_end(const char *at, const char *end, char delimiter)
{
    if (delimiter == TABLE_WIDE)
        while (at < end && *at != '\t' && !(*at == ' ' && (at + 1 == end || at[1] == ' '))) at++;
    else
        while (at < end && *at != delimiter && !(*at == '\t' && delimiter == ' ')) at++;
    return at;
}

/* Not further than most cells and numbers: what the caller asks is answered then. */
static void split(struct row *row, const char *text, size_t length, char delimiter, size_t most, size_t numbers)
{
    const char *end = text + length, *start = text;
    row->n = row->numbers = row->pairs = row->words = row->empty = 0;
    bool blanks = delimiter == ' ' || delimiter == TABLE_WIDE;
    while (blanks && start < end && (*start == ' ' || *start == '#')) start++;
    if (delimiter == '|' && start < end && *start == '|') start++, end -= end > start && end[-1] == '|';
    for (const char *at = start; at <= end; at++) {
        at = cell_end(at, end, delimiter);
        if (!blanks || at > start) add_cell(row, start, at);
        if (row->n > most || row->numbers + row->pairs > numbers) return;
        start = at + 1;
        while (delimiter == TABLE_WIDE && start < end && *start == ' ') at = start++;
    }
}

/* "epoch:    20" is a setting, whatever follows it. */
static bool could_be_header(const struct row *row)
{
    const struct cell *first = row->cell;
    if (row->n == 2 && first->length && first->text[first->length - 1] == ':') return false;
    return row->n >= 2 && row->words + row->empty == row->n && row->words >= 2 && row->words * 2 >= row->n;
}

/* Set in columns, not a sentence. */
static bool is_spaced(const struct row *row, char delimiter)
{
    size_t wide = 0;
    for (size_t i = 1; i < row->n; i++) wide += row->cell[i].text > row->cell[i - 1].text + row->cell[i - 1].length + 1;
    return delimiter != ' ' || 2 * wide >= row->n;
}

static bool is_same(const struct cell *c, const char *name) { return c->length == strlen(name) && !memcmp(c->text, name, c->length); }

/* Is the row the second line of a header whose first one is h: other words in each column, or in a drawn table none beside some? */
static bool continues(const struct table_header *h, const struct row *row, char delimiter)
{
    if (delimiter != h->delimiter || h->columns != row->n || row->n < 4) return false;
    if (delimiter == ' ') return !is_same(&row->cell[row->n - 1], h->name[row->n - 1]);
    return delimiter == '|' && row->empty && !row->cell[0].length && *h->name[0];
}

static void remember(struct table_header *h, const struct row *row, char delimiter)
{
    bool second_line = continues(h, row, delimiter);
    for (size_t i = 0; i < row->n; i++) {
        char above[FIELD_NAME_MAX] = "";
        if (second_line) snprintf(above, sizeof above, row->cell[i].length ? "%.40s " : "%.40s", h->name[i]);
        int length = (int)(row->cell[i].length < 50 ? row->cell[i].length : 50);
        snprintf(h->name[i], FIELD_NAME_MAX, "%.45s%.*s", above, length, row->cell[i].text);
    }
    h->delimiter = delimiter;
    h->columns = row->n;
    h->spaced = is_spaced(row, delimiter);
}

static void adopt(struct table *t, const struct table_header *h)
{
    t->now = *h;
    t->headers++;
    t->candidate.delimiter = t->wide.delimiter = 0;
}

static bool is_context(const char *text, size_t length) { return context_of(text, length) != CONTEXT_NONE; }

static bool fits(const struct row *row, size_t columns, char delimiter)
{
    if (delimiter == '|' && row->n == columns && row->numbers + 1 == row->n && is_context(row->cell[0].text, row->cell[0].length)) return true;
    return row->n == columns && row->numbers >= 1 && (delimiter == ' ' || delimiter == TABLE_WIDE || delimiter == '|' ? row->numbers * 5 >= row->n * 3 : row->numbers >= row->words);
}

/* The cell that says what the row is of ("validation | 0.31 | 0.87"); NULL: none does. In a table drawn for people any word does, but not one
 * that counts (ckpt-100), nor one that says nothing. */
static const struct cell *label_of(const struct row *row, char delimiter)
{
    static const char *const nothing[] = {"all", "total", "RUNNING", "N/A", "None"};
    for (size_t i = 0; i < row->n; i++) {
        const struct cell *c = &row->cell[i];
        if (c->number || !c->length || c->length > 40 || !isalpha((unsigned char)*c->text)) continue;
        if (is_context(c->text, c->length)) return c;
        bool plain = delimiter == '|' || delimiter == TABLE_WIDE;
        for (size_t k = 0; k < c->length; k++) plain &= isalpha((unsigned char)c->text[k]) || strchr("_- ", c->text[k]);
        for (size_t k = 0; k < sizeof nothing / sizeof *nothing; k++) plain &= !is_same(c, nothing[k]);
        return plain && i == 0 ? c : NULL;
    }
    return NULL;
}

/* "loss" in a row "validation", or "Validation" in a row "loss": the word of the data first. */
static size_t cell_name(char *out, size_t size, const char *column, const struct cell *label)
{
    if (is_context(column, strlen(column))) return (size_t)snprintf(out, size, "%s %.*s", column, (int)label->length, label->text);
    return (size_t)snprintf(out, size, "%.*s %s", (int)label->length, label->text, column);
}

static void add_field(struct fields *fields, const char *name, size_t length, const struct cell *c, const char *text)
{
    size_t n = fields->n;
    fields_add(fields, name, length, c->value, c->total, '|', (size_t)(c->text - text));
    if (fields->n > n && c->total_text) fields->field[n].total_at = (size_t)(c->total_text - text);
}

/* sides: the columns are of data, so the first cell names the row. Where the header names no first column it names those behind it. */
static void emit(const struct table_header *t, const struct row *row, bool sides, const char *text, struct fields *fields)
{
    char name[FIELD_NAME_MAX];
    const struct cell *label = sides ? row->cell : label_of(row, t->delimiter);
    size_t skip = sides && row->n > t->columns;
    for (size_t i = skip; i < row->n; i++) {
        const struct cell *c = &row->cell[i];
        const char *column = t->name[i - skip];
        if (!c->number) continue;
        if (!label || counter_word_of(column).rank) {
            add_field(fields, column, strlen(column), c, text);
            continue;
        }
        size_t length = cell_name(name, sizeof name, column, label);
        add_field(fields, name, length < sizeof name ? length : sizeof name - 1, c, text);
    }
}

/* A bar of a table drawn for people, not one of ||grad||. */
static bool has_bar(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '|') continue;
        if (i + 1 == length || text[i + 1] != '|') return true;
        while (i + 1 < length && text[i + 1] == '|') i++;
    }
    return false;
}

static char delimiter_of(const char *text, size_t length)
{
    static const char order[] = {'\t', ',', ';'};
    for (size_t i = 0; i < sizeof order; i++)
        if (memchr(text, order[i], length)) return order[i];
    return has_bar(text, length) ? '|' : ' ';
}

/* Where the line ends without the bar that hangs on its last cell: "640: 35% ━━━ 3/8". */
static size_t without_bar(const char *text, size_t length)
{
    for (const char *at = text; (at = memchr(at, ':', length - (size_t)(at - text))); at++) {
        size_t i = (size_t)(at - text) + 1, digits = 0;
        while (i < length && text[i] == ' ') i++;
        for (; i < length && isdigit((unsigned char)text[i]); i++) digits++;
        if (digits && digits < 4 && i < length && text[i] == '%') return (size_t)(at - text);
    }
    return length;
}

/* A table that begins with a counter may have bars between its header and its rows. */
static bool is_counted(const struct table_header *h)
{
    static const char *const words[] = {"epoch", "step", "iter", "iteration"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (h->delimiter && !strcasecmp(h->name[0], words[i])) return true;
    return false;
}

/* A letter behind the last column is a mark (Vowpal Wabbit: h, held out). */
static void drop_mark(struct row *row, size_t columns)
{
    const struct cell *last = &row->cell[row->n - !!row->n];
    if (row->n == columns + 1 && last->length == 1 && isalpha((unsigned char)*last->text)) row->n--, row->words--;
}

/* "          Training |  Validation" above "loss |  0.31 |  0.35": the columns are of data, the rows of metrics. */
static bool has_sides(const struct table_header *h, const struct row *row)
{
    bool corner = !*h->name[0];
    if (h->delimiter != '|' || row->n != h->columns + !corner || row->n < 3 || row->cell[0].number || !row->numbers) return false;
    for (size_t i = corner; i < h->columns; i++)
        if (!is_context(h->name[i], strlen(h->name[i]))) return false;
    return true;
}

/* "400 -3702.3 0.27 0.08   MEDIAN ELBO CONVERGED": a last column of remarks, which may be empty or several words. */
static void settle_remarks(struct row *row, const struct table_header *h)
{
    size_t numbers = h->columns - 1;
    if ((h->delimiter != ' ' && h->delimiter != TABLE_WIDE) || h->columns < 4 || row->n == h->columns || row->numbers != numbers || row->words != row->n - numbers || !is_counted(h)) return;
    for (size_t i = 0; i < numbers; i++)
        if (!row->cell[i].number) return;
    row->n = h->columns;
    row->cell[numbers] = (struct cell){.text = row->cell[numbers - 1].text};
}

/* Is the line a row under this header? Its fields are appended then. */
static bool row_under(const struct table_header *h, const char *text, size_t length, struct fields *fields)
{
    struct row row;
    if (!h->delimiter) return false;
    split(&row, text, h->delimiter == ' ' ? without_bar(text, length) : length, h->delimiter, h->columns + 1, TABLE_COLUMNS);
    if (h->delimiter == ' ') drop_mark(&row, h->columns);
    settle_remarks(&row, h);
    bool sides = has_sides(h, &row);
    if (!sides && !fits(&row, h->columns, h->delimiter)) return false;
    emit(h, &row, sides, text, fields);
    return true;
}

static void look_for_header(struct table *t, const char *text, size_t length)
{
    struct row row, wide;
    length = without_bar(text, length);
    char delimiter = delimiter_of(text, length);
    split(&row, text, length, delimiter, TABLE_COLUMNS, 0);
    if (could_be_header(&row)) {
        if (is_counted(&t->candidate) && t->candidate.spaced && !is_spaced(&row, delimiter)) return; /* "Plotting labels..." between header and rows */
        remember(&t->candidate, &row, delimiter);
        t->wide.delimiter = 0;
        if (delimiter != ' ') return;
        split(&wide, text, length, TABLE_WIDE, TABLE_COLUMNS, TABLE_COLUMNS);
        if (wide.n < row.n && could_be_header(&wide)) remember(&t->wide, &wide, TABLE_WIDE);
    } else if (row.numbers + row.pairs && !is_counted(&t->candidate)) {
        t->candidate.delimiter = t->wide.delimiter = 0;
    }
}

static bool no_table(const char *text, size_t length) { return length > TABLE_LINE_MAX || !length || memchr(text, '{', length) || memchr(text, '=', length); }

void table_words(struct table *t, const char *text, size_t length)
{
    if (length > TABLE_LINE_MAX) return;
    size_t at = t->last = t->heard++ % TABLE_HEARD;
    t->line[at].length = length;
    memcpy(t->line[at].text, text, length);
}

static void think_of_headers(struct table *t)
{
    for (size_t i = t->heard > TABLE_HEARD ? t->heard - TABLE_HEARD : 0; i < t->heard; i++) {
        const char *text = t->line[i % TABLE_HEARD].text;
        size_t length = t->line[i % TABLE_HEARD].length;
        if (!no_table(text, length)) look_for_header(t, text, length);
    }
    t->heard = 0;
}

/* What follows the prefix, or the whole line: a logger may write before each row, and a table may have a column of dates. */
static bool row_of(const struct table_header *h, const char *text, size_t length, size_t prefix, struct fields *fields)
{
    return row_under(h, text + prefix, length - prefix, fields) || (prefix && row_under(h, text, length, fields));
}

static bool row_of_candidate(struct table *t, const char *text, size_t length, size_t prefix, struct fields *fields)
{
    for (const struct table_header *h = &t->candidate; h; h = h == &t->candidate ? &t->wide : NULL) {
        if (!row_of(h, text, length, prefix, fields)) continue;
        adopt(t, h);
        return true;
    }
    return false;
}

bool table_is_settled(const struct table *t) { return !t->heard && !t->candidate.delimiter && !t->wide.delimiter; }

bool table_line(struct table *t, const char *text, size_t length, size_t prefix, struct fields *fields)
{
    if (t->heard) think_of_headers(t);
    bool table = !no_table(text, length);
    if (table && t->candidate.spaced && row_of_candidate(t, text, length, prefix, fields)) return true; /* newer than the one we are in */
    if (row_of(&t->now, text, length, prefix, fields)) return true;
    if (!table) return false;
    if (row_of_candidate(t, text, length, prefix, fields)) return true;
    look_for_header(t, text + prefix, length - prefix);
    return false;
}
