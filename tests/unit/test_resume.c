#include "../check.h"
#include "session/resume.h"

#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

static bool holds(const struct store_start *start, const char *entry)
{
    const char *end = start->environment + start->environment_size;
    for (const char *at = start->environment; at < end; at += strlen(at) + 1)
        if (!strcmp(at, entry)) return true;
    return false;
}

static bool holds_x(const struct store_start *start, const char *name)
{
    char entry[64];
    snprintf(entry, sizeof entry, "%s=x", name);
    return holds(start, entry);
}

TEST(words_come_back_as_they_were)
{
    char *const words[] = {"run", "--", "sh", "-c", "echo  'a b'", "", "\xff", NULL};
    struct store_start start;
    CHECK(resume_start_gather(&start, words));
    char **back = resume_words(&start);
    CHECK(back != NULL);
    for (int i = 0; i < 7; i++) CHECK_STR(back[i], words[i]);
    CHECK(!back[7]);
    free(back);
    resume_start_clear(&start);
    CHECK(!resume_words(&start));
    CHECK(!resume_words(&(struct store_start){"cut", 3, NULL, 0}));
}

TEST(secrets_and_passing_things_are_not_kept)
{
    static const char *const out[] = {"HF_TOKEN", "wandb_api_key", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "SSH_AUTH_SOCK", "PWD", "SHLVL", "TERM", "FOREGONE_SOCKET", "SLURM_JOB_ID"};
    static const char *const in[] = {"PYTHONPATH", "OMP_NUM_THREADS", "HF_HOME", "CUDA_VISIBLE_DEVICES"};
    char *const words[] = {"run", NULL};
    struct store_start start;
    for (size_t i = 0; i < sizeof out / sizeof *out; i++) setenv(out[i], "x", 1);
    for (size_t i = 0; i < sizeof in / sizeof *in; i++) setenv(in[i], "x", 1);
    setenv("HTTPS_PROXY", "http://me:word@proxy:3128/", 1);
    setenv("ENDPOINT", "http://host/a@b", 1);
    CHECK(resume_start_gather(&start, words));
    for (size_t i = 0; i < sizeof out / sizeof *out; i++) CHECK(!holds_x(&start, out[i]));
    for (size_t i = 0; i < sizeof in / sizeof *in; i++) CHECK(holds_x(&start, in[i]));
    CHECK(!holds(&start, "HTTPS_PROXY=http://me:word@proxy:3128/"));
    CHECK(holds(&start, "ENDPOINT=http://host/a@b"));
    setenv("PYTHONPATH", "other", 1), setenv("CUDA_VISIBLE_DEVICES", "7", 1), setenv("HF_TOKEN", "mine", 1);
    resume_environment(&start);
    CHECK_STR(getenv("PYTHONPATH"), "x");
    CHECK_STR(getenv("CUDA_VISIBLE_DEVICES"), "7");
    CHECK_STR(getenv("HF_TOKEN"), "mine");
    resume_start_clear(&start);
}

TEST(resume_words_stand_behind_the_command)
{
    char *const command[] = {"python", "train.py", NULL};
    char **words = resume_command(command, " --resume {checkpoint}  --state={checkpoint}/state", "/a b/c");
    CHECK_STR(words[1], "train.py");
    CHECK_STR(words[2], "--resume");
    CHECK_STR(words[3], "/a b/c");
    CHECK_STR(words[4], "--state=/a b/c/state");
    CHECK(!words[5]);
    free(words);
    words = resume_command(command, NULL, "/x");
    CHECK_STR(words[1], "train.py");
    CHECK(!words[2]);
    free(words);
}

static void touch(const char *directory, const char *name, time_t when)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    fclose(fopen(path, "w"));
    utime(path, &(struct utimbuf){when, when});
}

TEST(the_newest_of_the_trials_own_checkpoints)
{
    char directory[] = "/tmp/foregone-test-XXXXXX", want[256];
    CHECK(mkdtemp(directory) != NULL);
    touch(directory, "a-9.pt", 1000), touch(directory, "a-10.pt", 2000), touch(directory, "b-11.pt", 3000);
    char *found = resume_newest("{trial}-*.pt", "a", directory, 500, INFINITY);
    snprintf(want, sizeof want, "%s/a-10.pt", directory);
    CHECK_STR(found ? found : "none", want);
    free(found);
    found = resume_newest("*.pt", "a", directory, 500, 1500);
    snprintf(want, sizeof want, "%s/a-9.pt", directory);
    CHECK_STR(found ? found : "none", want);
    free(found);
    CHECK(!resume_newest("{trial}-*.pt", "a", directory, 2500, INFINITY));
    CHECK(!resume_newest("none*", "a", directory, 0, INFINITY));
    char odd[64];
    snprintf(odd, sizeof odd, "%s/[x] *", directory);
    mkdir(odd, 0700);
    touch(odd, "what?-1.pt", 1000), touch(odd, "whats-2.pt", 2000);
    found = resume_newest("{trial}-*.pt", "what?", odd, 500, INFINITY);
    snprintf(want, sizeof want, "%s/[x] */what?-1.pt", directory);
    CHECK_STR(found ? found : "none", want);
    free(found);
}

CHECK_MAIN
