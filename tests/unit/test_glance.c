#include "../check.h"
#include "format/glance.h"

#include <ctype.h>
#include <string.h>

static enum glance glance(const char *text) { return glance_at(text, strlen(text)); }

TEST(words_have_no_number)
{
    CHECK_INT(glance(""), GLANCE_WORDS);
    CHECK_INT(glance("loading the model from the hub, please wait"), GLANCE_WORDS);
    CHECK_INT(glance("INFO: finance and information, banana"), GLANCE_WORDS);
}

TEST(numbers_anywhere)
{
    CHECK_INT(glance("7"), GLANCE_NUMBERS);
    CHECK_INT(glance("a line whose very last character is the digit 7"), GLANCE_NUMBERS);
    CHECK_INT(glance("loss nan"), GLANCE_NUMBERS);
    CHECK_INT(glance("the loss of this very long step is -Infinity"), GLANCE_NUMBERS);
    CHECK_INT(glance("the loss of this very long step is NaN, sadly"), GLANCE_NUMBERS);
}

TEST(a_date_and_time_are_no_number)
{
    CHECK_INT(glance("2026-03-01 12:00:01,123 - trainer - INFO - saving"), GLANCE_STAMPED);
    CHECK_INT(glance("[2026-03-01 12:00:01] saving"), GLANCE_STAMPED);
    CHECK_INT(glance("12:00:01 saving"), GLANCE_STAMPED);
    CHECK_INT(glance("12:00:01 saving 1"), GLANCE_NUMBERS);
    CHECK_INT(glance("2026-03-01 saving"), GLANCE_NUMBERS);
    CHECK_INT(glance("12:00:01x"), GLANCE_NUMBERS);
}

/* The wide way and the narrow way must agree wherever the number stands. */
TEST(every_place_in_lines_of_every_length)
{
    for (size_t n = 1; n < 70; n++)
        for (size_t at = 0; at < n; at++) {
            char line[80];
            memset(line, 'x', n);
            line[n] = 0;
            line[at] = '5';
            CHECK_INT(glance_at(line, n), GLANCE_NUMBERS);
            line[at] = 'x';
            if (at + 3 > n) continue;
            memcpy(line + at, "nan", 3);
            CHECK_INT(glance_at(line, n), at + 3 == n ? GLANCE_NUMBERS : GLANCE_WORDS);
            if (at + 3 == n) continue;
            line[at + 3] = ' ';
            CHECK_INT(glance_at(line, n), GLANCE_NUMBERS);
        }
}

CHECK_MAIN
