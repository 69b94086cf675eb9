#include "../check.h"
#include "log/log_name.h"

static const char *name_of(char **paths, size_t n, size_t i)
{
    static char name[64];
    log_name(paths, n, i, name, sizeof name);
    return name;
}
#define PATHS(...) (char *[]){__VA_ARGS__}, sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)

TEST(a_log_is_called_by_its_file)
{
    CHECK_STR(name_of(PATHS("runs/lr3e-5/train.log"), 0), "train");
    CHECK_STR(name_of(PATHS("train"), 0), "train");
    CHECK_STR(name_of(PATHS(".hidden"), 0), ".hidden");
    CHECK_STR(name_of(PATHS("-"), 0), "stdin");
}

TEST(logs_of_one_directory_keep_their_own_names)
{
    CHECK_STR(name_of(PATHS("runs/a.log", "runs/b.log"), 0), "a");
    CHECK_STR(name_of(PATHS("runs/a.log", "runs/b.log"), 1), "b");
}

TEST(logs_of_one_name_are_called_by_their_directories)
{
    CHECK_STR(name_of(PATHS("runs/a/train.log", "runs/b/train.log"), 1), "b");
    CHECK_STR(name_of(PATHS("x/a/train.log", "y/a/train.log", "z/b/train.log"), 0), "x/a/train.log");
    CHECK_STR(name_of(PATHS("x/a/train.log", "y/a/train.log", "z/b/train.log"), 2), "b");
    CHECK_STR(name_of(PATHS("train.log", "train.txt"), 1), "train.txt");
}

TEST(a_long_path_keeps_its_end)
{
    char path[300], *paths[] = {path, path};
    memset(path, 'x', sizeof path);
    memcpy(path, "a/", 2), memcpy(path + 290, "/b/c.log", 9);
    CHECK_INT(strlen(name_of(paths, 2, 0)), 63);
    CHECK_STR(name_of(paths, 2, 0) + 55, "/b/c.log");
}

CHECK_MAIN
