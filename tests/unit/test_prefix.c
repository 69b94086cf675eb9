#include "../check.h"
#include "format/prefix.h"

#include <string.h>

/* What is left of a line without its prefix. */
static const char *message(const char *line)
{
    struct prefix none = {0};
    return line + prefix_length(&none, line, strlen(line));
}

TEST(dates_levels_and_places_are_prefixes)
{
    CHECK_STR(message("2021-03-01 12:00:00,123 - mmdet - INFO - Epoch [1][50/400] loss: 0.5"), "Epoch [1][50/400] loss: 0.5");
    CHECK_STR(message("2021-03-01 12:00:00.123 | INFO     | yolox.core.trainer:after_iter:253 - epoch: 1/300"), "epoch: 1/300");
    CHECK_STR(message("[2020-01-01 12:00:00,123 INFO] Step 50/1000; acc: 3.92"), "Step 50/1000; acc: 3.92");
    CHECK_STR(message("I0301 12:00:01.123456 140234 basic_session_run_hooks.py:262] loss = 0.3, step = 101"), "loss = 0.3, step = 101");
    CHECK_STR(message("INFO:tensorflow:loss = 2.3, step = 1"), "loss = 2.3, step = 1");
    CHECK_STR(message("LOG (nnet3-train[5.5.1~1-abc]:Print():nnet-training.cc:318) Average objective"), "Average objective");
    CHECK_STR(message("03/01 12:00:00 PM train 000 2.3e+00"), "train 000 2.3e+00");
    CHECK_STR(message("Mar  1 12:00:02 node17 python[4711]: epoch 3 loss 1.6"), "epoch 3 loss 1.6");
    CHECK_STR(message("2021-03-01 12:00:02 Epoch[3]: loss 1.6"), "Epoch[3]: loss 1.6");
    CHECK_STR(message("2021-03-01 12:00:02,125 : INFO : -2.5 per-word bound"), "-2.5 per-word bound");
    CHECK_STR(message("2021-03-01 12:00:00 INFO"), "");
}

TEST(ranks_and_hosts_are_prefixes)
{
    CHECK_STR(message("[rank0]:[titan] 2024-10-01 12:00:01,123 - root - INFO - step:  1  loss:  8.2"), "step:  1  loss:  8.2");
    CHECK_STR(message("0: [2021-03-01 12:00:00,123] [INFO] [logging.py:69:log_dist] [Rank 0] step=10, lr=[0.1]"), "step=10, lr=[0.1]");
    CHECK_STR(message("(RayTrainWorker pid=123) epoch 1 loss 0.3"), "epoch 1 loss 0.3");
    CHECK_STR(message("[host] 2021-03-01 12:00:00,123 (trainer:672) INFO: 1epoch:train:1-50batch: loss=0.1"), "1epoch:train:1-50batch: loss=0.1");
}

/* What counts or is measured is never swallowed. */
TEST(messages_are_not)
{
    static const char *const lines[] = {"Epoch 1 12:00:05 loss 0.3", "[0]\ttrain-rmse:0.5", "[1,  2000] loss: 2.2", "10/100 [=====>.] - ETA: 5s - loss: 0.3", "360: 26.15, 13.85 avg", "2021-03-01,0.3,0.5",
                                        "1234.5 0.3 0.4", "| epoch 001: 10 / 1000 loss=12", "[Train][Epoch 1/120][Iter: 0/5004]lr: 0.1", "Train: 0 [ 0/1251 (0%)] Loss: 6.95", "", "   ", "["};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) CHECK_STR(message(lines[i]), lines[i]);
    CHECK_STR(message("2021-03-01 12:00:00 | INFO | train | epoch 001 | loss 8.9"), "train | epoch 001 | loss 8.9");
    CHECK_STR(message("[2021-03-01 12:00:00] [valid] Ep. 1 : Up. 500 : bleu : 12.3"), "[valid] Ep. 1 : Up. 500 : bleu : 12.3");
}

/* Whatever line came before, the prefix is what it is without it. */
TEST(the_last_prefix_changes_none)
{
    static const char *const lines[] = {"2021-03-01 12:00:00,123 - mmdet - INFO - loss: 0.5", "2021-03-01 12:00:01,456 - mmdet - INFO - epoch 3 of 9", "2021-03-01 12:00:01,456 - mmdet - INFO - rank 3 host7 [rank0] loss: 0.5",
                                        "2021-03-01 12:00:01,456 - mmdet - INFO - -5 is low", "2021-03-01 12:00:01,456 - mmdet - INFO -", "2021-03-01 12:00:01,456 - mmdet - INFO - a.b - it is here", "2021-03-01 12:00:01 x",
                                        "[INFO|trainer.py] loading of the shards", "[INFO|trainer.py] loading of the [INFO] shards", "[INFO|trainer.py] loading a worker12 stdout", "[INFO|trainer.py] Mar 1 12:00:02 python[47]: loss",
                                        "Mar  1 12:00:02 node17 python[4711]: epoch 3 loss 1.6", "Mar  1 12:00:02 node17 python[4711]: the python[17]: loss", "[rank0]: loss", "[rank1]: loss", "I0301 12:00:01.123456 140234 hooks.py:262] loss = 0.3"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
            struct prefix last = {0};
            prefix_length(&last, lines[i], strlen(lines[i]));
            CHECK_STR(lines[k] + prefix_length(&last, lines[k], strlen(lines[k])), message(lines[k]));
        }
}

CHECK_MAIN
