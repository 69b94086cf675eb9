#include "../check.h"
#include "format/reader.h"
#include "format/shape.h"

#include <string.h>

static struct shape shape;
static double numbers[SHAPE_NUMBERS];

/* The shape of a line whose fields begin where ^ stands in the marks below it. */
static bool make(const char *line, const char *marks, char delimiter, bool strict)
{
    struct shape_fields at = {.delimiter = delimiter, .strict = strict};
    for (size_t i = 0; marks[i]; i++)
        if (marks[i] == '^') at.of[at.n].value = i, at.of[at.n++].total = SIZE_MAX;
    return shape_make(&shape, line, strlen(line), &at);
}

static bool match(const char *line) { return shape_match(&shape, line, strlen(line), numbers); }

TEST(numbers_of_fields_may_be_any)
{
    CHECK(make("step=9 loss=0.51 lr=5e-05", "     ^      ^       ^", 0, false));
    CHECK(match("step=12000 loss=123.4567890123 lr=12e-7"));
    CHECK_NEAR(numbers[0], 12000, 0);
    CHECK_NEAR(numbers[2], 123.4567890123, 0);
    CHECK_NEAR(numbers[4], 12e-7, 0);
    CHECK(!match("step=12 loss=1 lr=5e-05") && !match("step=12 loss=-0.5 lr=5e-05") && !match("step=12 loss=0.5 lr=0.05") && !match("step=12 loss=0.5 lr=5e-05 "));
    CHECK(!match("step=12 loss=nan lr=5e-05") && !match("step= loss=0.5 lr=5e-05") && !match("step=12 loss=0.5 lr=5e-"));
    CHECK(!match("step=12345678901234567890 loss=0.5 lr=5e-05")); /* it would not fit */
    CHECK(make("loss: -0.5", "      ^", 0, false) && match("loss: -1.25"));
    CHECK_NEAR(numbers[0], -1.25, 0);
}

TEST(other_digits_may_be_others_but_as_many)
{
    CHECK(make("12:00:01 2024-01-02 rank3 loss 0.5", "                               ^", 0, false));
    CHECK(match("23:59:59 2026-12-31 rank3 loss 10.25"));
    CHECK(!match("3:59:59 2026-12-31 rank3 loss 10.25") && !match("23:59:59 2026-12-31 rank4 loss 10.25"));
    CHECK(make("loss 0.5 at 12:00", "     ^", 0, true) && match("loss 0.7 at 13:00") && !match("loss 0.75 at 13:00"));
}

TEST(blanks_and_bars_may_be_longer)
{
    CHECK(make("  1%|\xe2\x96\x88  | loss=2.5", "                 ^", 0, false));
    CHECK(match("  2%|\xe2\x96\x88\xe2\x96\x88\xe2\x96\x8e| loss=12.5") && match("   3%|\xe2\x96\x88 | loss=0.5"));
    CHECK(!match(" 33%|\xe2\x96\x88 | loss=0.5") && !match("  3%|   | loss=0.5"));
    CHECK(!match("  2%|\xe2\x94\x81 | loss=0.5")); /* another program's bar */
}

TEST(what_hangs_on_the_length_of_a_number_has_no_shape)
{
    CHECK(!make("loss=1,234", "     ^", 0, false)); /* a thousand, or two numbers */
    CHECK(!make("loss=.5", "     ^", 0, false));
    CHECK(make("1,0.5,7", "^ ^   ^", ',', false) && match("123,456.5,789"));
    CHECK(make("1,2.5G", "^ ^", ',', false) && match("12,3.5G") && !match("12,13.5G"));
}

/* ---- a log read with and without them ------------------------------------------------------------------------------------------ */

struct seen { unsigned n; uint64_t hash; };

static void mix(struct seen *s, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) s->hash = (s->hash ^ ((const unsigned char *)bytes)[i]) * 1099511628211u;
}

static void look(void *context, const struct observation *o)
{
    struct seen *s = context;
    double both[2] = {o->x, o->value};
    s->n++;
    mix(s, o->metric, strlen(o->metric)), mix(s, both, sizeof both), mix(s, &o->line, sizeof o->line);
}

static struct seen read_lines(const char *const *lines, bool forget)
{
    char error[160];
    struct seen seen = {0, 14695981039346656037u};
    struct reader *r = reader_create(NULL, look, &seen, error, sizeof error);
    for (; *lines; lines++) {
        reader_feed(r, *lines, strlen(*lines)), reader_feed(r, "\n", 1);
        if (forget) reader_forget_shapes(r);
    }
    reader_end(r);
    reader_destroy(r);
    return seen;
}

TEST(values_are_the_same_whether_shapes_are_remembered_or_not)
{
    static const char *const lines[] = {"Epoch 1/3", "step 1/30 loss 0.5", "step 2/30 loss 0.25", "eval", "step 2 loss 0.4", "train", "step 3/30 loss 0.2", "step 11/30 loss 0.1", "Epoch 2/3", "step 12/30 loss -0.1",
                                        "step 13/30 loss 1e-05", "{'loss': 0.5, 'epoch': 0.1}", "{'loss': 0.4, 'epoch': 0.2}", "{'eval_loss': 0.4, 'epoch': 0.2}", "{'loss': nan, 'epoch': 0.25}", "{'loss': 0.3, 'epoch': 0.3}",
                                        "step,loss,acc", "1,0.5,0.25", "2,0.4,0.5", "3,0.4,", "4,0.3,0.5", "step,acc,loss", "5,0.5,0.2", "6,0.5,0.125", "loss is 0.5", "loss is 0.25", "loss:", "0.5", "loss: 0.5", "loss: 0.25",
                                        "val loss: 0.5 acc: 0.7", "val loss: 0.25 acc: 0.75", "3 of 10 loss 0.5", "13 of 10 loss 0.5", "4 of 10 loss 0.5", "max_steps=100", "max_steps=200", "Epoch 3: 0.31", "Epoch 4: 0.25", "Epoch 5: 1.00", "Epoch 6: 0.50", "it=2.0 loss=1", "it=3.5 loss=2", "it=4.0 loss=3", "it=4.25 loss=3", "step 3 accuracy: 0.5 (10 / 100)", "step 4 accuracy: 0.75 (75 / 100)", "step 5 accuracy: 0.5 (20 / 100)", "accuracy: 79 / 85 (0.5)", "accuracy: 34 / 85 (0.4)", "accuracy: 68 / 85 (0.8)", "Loss:", "[0.31]", "Accuracy:", "[0.75]", "[0.25]", "Loss:", "[0.25]", "step 9", "[0.25]", "Evaluation", "epoch 3 loss 0.5 score 0.5", "epoch 4 loss 0.25 score 0.75", "10/100 loss=0.5", "20/100 loss=0.4", "120/100 loss=0.4", NULL};
    struct seen once = read_lines(lines, false), anew = read_lines(lines, true);
    CHECK(once.n > 30);
    CHECK_INT(once.n, anew.n);
    CHECK(once.hash == anew.hash);
}

CHECK_MAIN
