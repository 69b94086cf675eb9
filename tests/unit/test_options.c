/* options: one table behind argv */
#include "../check.h"
#include "options/options.h"
#include "verbs/verbs.h"

#include <fcntl.h>
#include <unistd.h>

static struct options got;

/* What the user would see on stderr is not of interest here. */
static int parse(int argc, char **argv)
{
    int kept = dup(2), nothing = open("/dev/null", O_WRONLY);
    dup2(nothing, 2);
    int first = options_parse(&got, argc, argv);
    dup2(kept, 2);
    close(kept), close(nothing);
    return first;
}
#define PARSE(...) parse((int)(sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)), (char *[]){__VA_ARGS__})

TEST(defaults_are_those_of_the_rule)
{
    struct policy rule = policy_defaults();
    CHECK_INT(PARSE("run", "true"), 1);
    CHECK_NEAR(options_policy(&got).delta, rule.delta, 0);
    CHECK_INT(options_policy(&got).keep, 1);
    CHECK_INT((int)got.stop_exit_code, EXIT_STOPPED);
    CHECK_NEAR(got.grace, 30, 0);
    CHECK(isnan(got.horizon) && isnan(got.target));
    CHECK(!got.dry_run && !got.study);
}

TEST(both_spellings_of_a_value)
{
    CHECK_INT(PARSE("run", "--study", "s", "--delta=0.1", "--goal", "max", "--dry-run", "--", "--study", "x"), 8);
    CHECK_STR(got.study, "s");
    CHECK_NEAR(got.delta, 0.1, 0);
    CHECK_INT(got.goal, GOAL_MAX);
    CHECK(got.dry_run);
}

TEST(a_lone_dash_is_an_operand)
{
    CHECK_INT(PARSE("tail", "--quiet", "-"), 2);
}

TEST(misuse_is_refused)
{
    int misuse = -1 - EXIT_MISUSE;
    CHECK_INT(PARSE("run", "--nothing"), misuse);
    CHECK_INT(PARSE("run", "--stdio"), misuse); /* another verb's */
    CHECK_INT(PARSE("run", "--delta"), misuse);
    CHECK_INT(PARSE("run", "--delta", "0"), misuse);
    CHECK_INT(PARSE("run", "--delta", "nan"), misuse);
    CHECK_INT(PARSE("run", "--delta", "0.1x"), misuse);
    CHECK_INT(PARSE("run", "--horizon", "-5"), misuse);
    CHECK_INT(PARSE("run", "--study", ""), misuse);
    CHECK_INT(PARSE("run", "--dry-run=1"), misuse);
    CHECK_INT(PARSE("run", "--goal", "up"), misuse);
    CHECK_INT(PARSE("run", "--stud", "s"), misuse); /* no guessing at half names */
}

CHECK_MAIN
