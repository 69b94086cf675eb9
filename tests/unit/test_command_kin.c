#include "../check.h"
#include "study/command_kin.h"

#define KIN(command, ...) command_is_kin(command, (const char *[]){__VA_ARGS__}, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *))

TEST(numbers_may_differ)
{
    CHECK(KIN("python train.py --lr 1e-4", "python train.py --lr 3e-5"));
    CHECK(KIN("python train.py --lr=1e-4 -b 8", "python train.py --lr=3 -b 16"));
    CHECK(KIN("python train.py lr=1e-4 model.width=8", "python train.py lr=3 model.width=9"));
    CHECK(KIN("./train 1e-4 7", "./train 3e-5 8"));
    CHECK(KIN("python train.py --shift -1.5 --lr 1", "python train.py --shift 2 --lr 1"));
    CHECK(KIN("python train.py --lr 1 --wd 0.1", "python train.py --lr 2"));
    CHECK(KIN("python train.py --lr 1", "python train.py --lr 2 --wd 0.1"));
}

TEST(texts_may_not)
{
    CHECK(!KIN("python train.py --task sst2", "python train.py --task mnli"));
    CHECK(!KIN("python train.py --task sst2", "python train.py --task mnli", "python train.py --task mnli"));
    CHECK(!KIN("python train.py --model=a --lr 1", "python train.py --model=b --lr 1"));
    CHECK(!KIN("python train.py data/a", "python train.py data/b"));
    CHECK(!KIN("python train.py --lr 1", "python other.py --lr 1"));
    CHECK(!KIN("python train.py --lr 1 --lora", "python train.py --lr 1"));
    CHECK(!KIN("python train.py --lr 1", "python train.py --lr 1 --task x"));
    CHECK(!KIN("python train.py 3", "python train.py"));
    CHECK(!KIN("python train.py --lr 1", "python train.py --lr auto"));
}

TEST(what_the_earlier_study_varied_may_differ)
{
    CHECK(KIN("python train.py --out runs/9 --opt sgd", "python train.py --out runs/1 --opt adam", "python train.py --out runs/2 --opt lion"));
    CHECK(!KIN("python train.py --out runs/9 --task b", "python train.py --out runs/1 --task a", "python train.py --out runs/2 --task a"));
}

TEST(the_interpreter_is_the_same_in_any_version_and_place)
{
    CHECK(KIN("/usr/bin/python3.11 train.py", "python train.py"));
    CHECK(!KIN("perl train.py", "python train.py"));
}

TEST(nothing_is_kin_to_nothing)
{
    CHECK(!command_is_kin("python train.py", NULL, 0));
    CHECK(!KIN("", ""));
    CHECK(!KIN("   ", "python train.py"));
}

TEST(any_text_is_survived)
{
    static const char letters[] = " -=a1.e/";
    char a[3000], b[3000];
    const char *others[] = {b, a, b};
    for (int round = 0; round < 300; round++) {
        size_t n = (size_t)(check_random() * 2999), m = (size_t)(check_random() * 2999);
        for (size_t i = 0; i < n; i++) a[i] = letters[(int)(check_random() * 8)];
        for (size_t i = 0; i < m; i++) b[i] = letters[(int)(check_random() * 8)];
        a[n] = b[m] = 0;
        command_is_kin(a, others, 3);
    }
}

CHECK_MAIN
