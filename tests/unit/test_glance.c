#include "../check.h"
#include "format/glance.h"

#include <ctype.h>
#include <string.h>

static bool glance(const char *text) { return glance_has_number(text, strlen(text)); }

TEST(words_have_no_number)
{
    CHECK(!glance(""));
    CHECK(!glance("loading the model from the hub, please wait"));
    CHECK(!glance("INFO: finance and information, banana"));
}

TEST(numbers_anywhere)
{
    CHECK(glance("7"));
    CHECK(glance("a line whose very last character is the digit 7"));
    CHECK(glance("loss nan"));
    CHECK(glance("the loss of this very long step is -Infinity"));
    CHECK(glance("the loss of this very long step is NaN, sadly"));
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
            CHECK(glance_has_number(line, n));
            line[at] = 'x';
            if (at + 3 > n) continue;
            memcpy(line + at, "nan", 3);
            CHECK_INT(glance_has_number(line, n), at + 3 == n);
            if (at + 3 == n) continue;
            line[at + 3] = ' ';
            CHECK(glance_has_number(line, n));
        }
}

TEST(words_for_data_in_every_place_of_lines_of_every_length)
{
    for (size_t n = 3; n < 70; n++)
        for (size_t at = 0; at + 3 <= n; at++) {
            char line[80];
            memset(line, 'x', n);
            line[n] = 0;
            CHECK(n < 18 || glance_for_data_word(line, n, 0) == n);
            memcpy(line + at, "Tra", 3);
            if (n >= 18) CHECK_INT(glance_for_data_word(line, n, at ? 1 : 0), at);
            if (n >= 18) CHECK_INT(glance_for_data_word(line, n, at + 1), n);
            CHECK(glance_for_data_word(line, n, 0) <= at);
        }
}

TEST(shapes)
{
    CHECK(glance_same_but_digits("2021-03-01 12:00:00 INFO", "2022-11-30 01:59:34 INFO", 24));
    for (size_t i = 0; i < 24; i++) {
        char line[] = "2021-03-01 12:00:00 INFO";
        line[i] = line[i] == 'x' ? 'y' : 'x';
        CHECK(!glance_same_but_digits(line, "2021-03-01 12:00:00 INFO", 24));
    }
}

CHECK_MAIN
