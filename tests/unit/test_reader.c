#include "../check.h"
#include "format/reader.h"
#include "format/token.h"

struct seen { char text[1 << 15]; size_t n; };

static void collect(void *context, const struct observation *o)
{
    struct seen *s = context;
    int room = (int)(sizeof s->text - s->n);
    int n = snprintf(s->text + s->n, (size_t)room, "%s:%s@%g=%g;", o->metric, metric_kind_text(o->kind), o->x, o->value);
    if (n < room) s->n += (size_t)n;
}

static struct reader_facts facts;

/* As `foregone read` does: once to learn, once to tell. */
static const char *read_text(const char *text)
{
    static struct seen s;
    char error[160];
    struct reader *r = reader_create(NULL, collect, &s, error, sizeof error);
    reader_feed(r, text, strlen(text)), reader_end(r);
    reader_again(r);
    memset(&s, 0, sizeof s);
    reader_feed(r, text, strlen(text)), reader_end(r);
    facts = reader_facts(r);
    reader_destroy(r);
    return s.text;
}

TEST(hugging_face_dicts_old_new_and_glued)
{
    CHECK_STR(read_text("{'loss': 2.5, 'learning_rate': 4e-05, 'epoch': 0.5}\n{'loss': '2.25', 'grad_norm': 'nan', 'epoch': '1.0'}\n"),
              "loss:train_loss@0.5=2.5;learning_rate:lr@0.5=4e-05;loss:train_loss@1=2.25;grad_norm:metric@1=nan;");
    CHECK_STR(facts.format, "hf-trainer");
    CHECK_STR(read_text(" 10%|#         | 1/10 [00:01<00:09,  1.00it/s]{'eval_loss': 1.5, 'epoch': 0.1}\r 20%|##        | 2/10 [00:02<00:08]{'eval_loss': 1.25, 'epoch': 0.2}\n"),
              "eval_loss:eval_loss@0.1=1.5;eval_loss:eval_loss@0.2=1.25;");
    CHECK_NEAR(facts.x * facts.bar_total / facts.bar_done, 1, 1e-9);
}

TEST(json_lines_csv_and_tsv)
{
    CHECK_STR(read_text("{\"step\": 1, \"loss\": NaN}\n{\"step\": 2, \"loss\": 0.5, \"lr\": 1e-3}\n"), "loss:train_loss@1=nan;loss:train_loss@2=0.5;lr:lr@2=0.001;");
    CHECK_STR(read_text("step,loss,val_acc\n1,2.5,0.5\n2,2.25,\n"), "loss:train_loss@1=2.5;val_acc:metric@1=0.5;loss:train_loss@2=2.25;");
    CHECK_STR(read_text("iter\tRMSE\n0\t0.5\n1\t0.25\n"), "RMSE:train_loss@0=0.5;RMSE:train_loss@1=0.25;");
}

TEST(text_with_the_step_on_the_line_or_before_it)
{
    CHECK_STR(read_text("step 1/50 | train loss: 2.5 | lr 1e-3\nstep 2/50 | train loss: 2 | lr 1e-3\n"), "train loss:train_loss@1=2.5;lr:lr@1=0.001;train loss:train_loss@2=2;lr:lr@2=0.001;");
    CHECK_NEAR(facts.total, 50, 0);
    CHECK_STR(read_text("Epoch 1 of 7:\n  training loss: 0.5\nEpoch 2 of 7:\n  training loss: 0.25\n"), "training loss:train_loss@1=0.5;training loss:train_loss@2=0.25;");
    CHECK_NEAR(facts.total, 7, 0);
    CHECK_STR(read_text("Training for 40 steps\nstep 1 loss 0.5\nstep 2 loss 0.25\n"), "loss:train_loss@1=0.5;loss:train_loss@2=0.25;");
    CHECK_NEAR(facts.total, 40, 0);
    CHECK_STR(read_text("Epoch 1/3\nval_loss=0.5\nEpoch 2/3\nval_loss=0.4\n"), "val_loss:eval_loss@1=0.5;val_loss:eval_loss@2=0.4;");
    CHECK_NEAR(facts.total, 3, 0);
}

TEST(megatron_nanogpt_keras_and_boosting)
{
    CHECK_STR(read_text(" iteration      100/    5000 | consumed samples:  800 | learning rate: 3.0E-04 | lm loss: 2.500000E+00 |\n iteration      200/    5000 | consumed samples:  1600 | learning rate: 3.0E-04 | lm loss: 2.250000E+00 |\n") + 0,
              "consumed samples:other@100=800;learning rate:lr@100=0.0003;lm loss:train_loss@100=2.5;consumed samples:other@200=1600;learning rate:lr@200=0.0003;lm loss:train_loss@200=2.25;");
    CHECK_NEAR(facts.total, 5000, 0);
    CHECK_STR(read_text("iter 0: loss 4.5, time 10.00ms\niter 10: loss 4.25, time 9.00ms\nstep 10: train loss 4.2, val loss 4.3\n"),
              "loss:train_loss@0=4.5;time:other@0=10;loss:train_loss@10=4.25;time:other@10=9;train loss:train_loss@10=4.2;val loss:eval_loss@10=4.3;");
    CHECK(strstr(read_text("Epoch 1/2\n10/10 [==============================] - 1s 5ms/step - loss: 0.75 - val_loss: 0.5\nEpoch 2/2\n10/10 [==============================] - 1s 5ms/step - loss: 0.5 - val_loss: 0.25\n"),
                 "val_loss:eval_loss@2=0.25;") != NULL);
    CHECK_STR(read_text("[0]\ttrain-rmse:0.5\teval-rmse:0.75\n[1]\ttrain-rmse:0.25\teval-rmse:0.5\n"), "train-rmse:train_loss@0=0.5;eval-rmse:eval_loss@0=0.75;train-rmse:train_loss@1=0.25;eval-rmse:eval_loss@1=0.5;");
}

TEST(what_stands_between_names_says_whose_they_are)
{
    CHECK_STR(read_text("epoch 1: [train] loss=0.5, acc=0.7, [valid] loss=0.6, acc=0.6\nepoch 2: [train] loss=0.4, acc=0.8, [valid] loss=0.5, acc=0.7\n"),
              "loss:train_loss@1=0.5;acc:metric@1=0.7;eval loss:eval_loss@1=0.6;eval acc:metric@1=0.6;loss:train_loss@2=0.4;acc:metric@2=0.8;eval loss:eval_loss@2=0.5;eval acc:metric@2=0.7;");
    CHECK_STR(read_text("Epoch 1\ntrain Loss: 0.5 Acc: 0.7\nval Loss: 0.6 Acc: 0.6\n"), "train Loss:train_loss@1=0.5;Acc:metric@1=0.7;val Loss:eval_loss@1=0.6;eval Acc:metric@1=0.6;");
    CHECK_STR(read_text("step 1 valLoss 0.5 trainLoss 0.25 testloss 0.75\n"), "valLoss:eval_loss@1=0.5;trainLoss:train_loss@1=0.25;testloss:eval_loss@1=0.75;");
}

TEST(an_evaluation_counts_its_own_steps)
{
    CHECK_STR(read_text("{\"mode\": \"train\", \"iter\": 500, \"loss\": 0.5}\n{\"mode\": \"val\", \"iter\": 25, \"mIoU\": 0.3}\n{\"mode\": \"train\", \"iter\": 1000, \"loss\": 0.25}\n"),
              "loss:train_loss@500=0.5;eval mIoU:metric@500=0.3;loss:train_loss@1000=0.25;");
    CHECK_STR(read_text("Train: 0 [  0/50 (0%)]  Loss: 0.5\nTest: [ 0/9]  Loss: 0.75\nTrain: 1 [  0/50 (0%)]  Loss: 0.25\nTest: [ 0/9]  Loss: 0.5\n"),
              "Loss:train_loss@0=0.5;eval Loss:eval_loss@0=0.75;Loss:train_loss@1=0.25;eval Loss:eval_loss@1=0.5;");
}

TEST(lists_of_records_and_histories)
{
    CHECK_STR(read_text("[{\"epoch\": 1, \"loss\": 0.5}, {\"epoch\": 2, \"loss\": 0.25}]\n"), "loss:train_loss@1=0.5;loss:train_loss@2=0.25;");
    CHECK_STR(read_text("{\"loss\": [0.5, 0.25, 0.125], \"val_loss\": [0.75, 0.5, 0.25]}\n"),
              "loss:train_loss@1=0.5;loss:train_loss@2=0.25;loss:train_loss@3=0.125;val_loss:eval_loss@1=0.75;val_loss:eval_loss@2=0.5;val_loss:eval_loss@3=0.25;");
    CHECK_STR(read_text("step=1, lr=[0.5, 0.5, 0.5]\nstep=2, lr=[0.25, 0.25, 0.25]\n"), "lr:lr@1=0.5;lr:lr@2=0.25;");
}

TEST(tutorials_print_how_much_is_done_and_then_a_loss_without_a_name)
{
    CHECK_STR(read_text("1m 23s (- 20m 10s) (5000 6%) 2.5\n2m 40s (- 18m 51s) (10000 13%) 2.25\n"), "loss:train_loss@5000=2.5;loss:train_loss@10000=2.25;");
    CHECK_STR(read_text("5000 5% (0m 8s) 2.5 Arzhaev / Irish\n10000 10% (0m 16s) 2.25 Ly / Korean\n"), "loss:train_loss@5000=2.5;loss:train_loss@10000=2.25;");
    CHECK_STR(read_text("used 5000 6% (of 80000) 2.5\n"), "used:other@nan=5000;");
}

TEST(a_counter_apart_from_the_values_is_the_one_seen_last)
{
    const char *log = "Learning iteration 1/9\nMean reward: 0.5\nTotal timesteps: 100\nLearning iteration 2/9\nMean reward: 0.25\nTotal timesteps: 200\n";
    CHECK_STR(read_text(log), "Mean reward:metric@1=0.5;Mean reward:metric@2=0.25;");
    CHECK_NEAR(facts.total, 9, 0);
    CHECK_STR(read_text("| iterations | 1 |\n| total_timesteps | 100 |\n| loss | 0.5 |\n--------\n| iterations | 2 |\n| total_timesteps | 200 |\n| loss | 0.25 |\n--------\n"), "loss:train_loss@100=0.5;loss:train_loss@200=0.25;");
}

TEST(plans_that_are_told_apart_from_the_counter)
{
    read_text("optimizer:\tadam\nepoch:\t20\nunits:\t4\nepoch       main/loss\n1           0.5\n2           0.25\n");
    CHECK_NEAR(facts.total, 20, 0);
    read_text("workflow: [('train', 1)], max: 12 epochs\nEpoch [1][50/930] loss: 0.5\nEpoch [1][100/930] loss: 0.25\n");
    CHECK_NEAR(facts.total, 12, 0);
    read_text("Training for up to 50 epochs with patience=5\nEpoch 1 | Train Loss: 0.5\nEpoch 2 | Train Loss: 0.25\n");
    CHECK_NEAR(facts.total, 50, 0);
    read_text("Beginning training 30 epochs, logging every 1\nepoch=1 i=0/530 loss=0.5\nepoch=1 i=1/530 loss=0.25\n");
    CHECK_NEAR(facts.total, 30, 0);
    read_text("1/30epoch started\n1epoch:train:1-90batch: loss=0.5\n");
    CHECK_NEAR(facts.total, 30, 0);
    read_text("saved after training 7 epochs\nepoch=8 loss=0.5\nepoch=9 loss=0.25\n");
    CHECK(isnan(facts.total));
    read_text("Training: 10%|#   | 100/900 [00:01<00:09, 9it/s, Loss=0.5]\n[ITER 100] Evaluating test: L1 0.5\nTraining: 20%|##  | 200/900 [00:01<00:09, 9it/s, Loss=0.4]\n[ITER 200] Evaluating test: L1 0.25\n");
    CHECK_NEAR(facts.total, 900, 0);
}

static struct reader *live;
static double ends[64]; /* what the log was said to end at, value by value */
static size_t n_ends;

static void note_end(void *context, const struct observation *o)
{
    (void)context, (void)o;
    if (n_ends < sizeof ends / sizeof *ends) ends[n_ends++] = reader_facts(live).total;
}

/* Read once, as a run that goes on is. The last end is that after the last line. */
static size_t follow(const char *text)
{
    char error[160];
    n_ends = 0;
    live = reader_create(NULL, note_end, NULL, error, sizeof error);
    reader_feed(live, text, strlen(text)), reader_end(live);
    facts = reader_facts(live);
    reader_destroy(live);
    return n_ends;
}

static bool never_ends(const char *text)
{
    size_t known = 0;
    for (size_t i = 0, n = follow(text); i < n; i++) known += !isnan(ends[i]);
    read_text(text);
    return !known && isnan(facts.total);
}

TEST(a_second_number_that_changes_is_no_end)
{
    CHECK(never_ends("CV Batch 78/20 loss 2.5\nCV Batch 78/30 loss 2.4\nCV Batch 78/40 loss 2.3\nCV Batch 78/50 loss 2.2\n"));
    CHECK(never_ends("TRAIN Batch 4/203700 loss 2.5\nTRAIN Batch 4/203800 loss 2.4\nTRAIN Batch 5/203900 loss 2.3\nTRAIN Batch 5/204000 loss 2.2\n"));
    read_text("step 100/150 loss 2.5\nstep 200/250 loss 2.4\nstep 300/350 loss 2.3\n");
    CHECK(isnan(facts.total));
    CHECK(never_ends("iteration 215/1200/1300 loss 2.5\niteration 216/1210/1300 loss 2.4\n"));
    CHECK(never_ends("03/04 loss 2.5\n03/05 loss 2.4\n03/06 loss 2.3\n"));
    read_text("epoch 9/10 loss 2.5\nepoch 10/10 loss 2.4\nepoch 11/20 loss 2.3\nepoch 12/20 loss 2.2\nepoch 13/20 loss 2.1\n"); /* prolonged */
    CHECK_NEAR(facts.total, 20, 0);
}

TEST(an_end_that_was_passed_is_none)
{
    follow("num_epochs: 3\nepoch 2 loss 2.5\nepoch 3 loss 2.4\nepoch 5 loss 2.3\nepoch 6 loss 2.2\n");
    CHECK_NEAR(ends[1], 3, 0);
    CHECK(isnan(facts.total));
    follow("step 300/500 loss 2.5\nstep 500/500 loss 2.4\nstep 700/500 loss 2.3\n");
    CHECK(isnan(facts.total));
    follow("max_steps: 200\nstep 100 loss 2.5\nstep 200 loss 2.4\nstep 201 loss 2.3\n"); /* a last summary */
    CHECK_NEAR(facts.total, 200, 0);
}

TEST(what_is_done_within_the_run_ends_no_run)
{
    CHECK(never_ends("Epoch 0\nBatch 100/500 loss 2.5\nBatch 200/500 loss 2.4\nBatch 300/500 loss 2.3\n"));
    CHECK(never_ends("epoch 0, iter 100/500, loss 2.5\nepoch 0, iter 200/500, loss 2.4\nepoch 0, iter 300/500, loss 2.3\n"));
    CHECK(never_ends("warmup step 10/100 loss 2.5\nwarmup step 20/100 loss 2.4\nstep 100 loss 2.3\nstep 110 loss 2.2\n"));
    CHECK(never_ends("eval step 1/10 loss 2.5\neval step 2/10 loss 2.4\nstep 1 loss 2.3\nstep 2 loss 2.2\n"));
    CHECK(never_ends("warmup epochs: 5\nsave every 10 epochs\neval steps: 500\nWarm-up steps: 100\nepoch 1 loss 2.3\nepoch 2 loss 2.2\n"));
    read_text("Iter 40/100 loss 2.5\nIter 100/100 loss 2.4\nIter 40/100 loss 2.3\nIter 100/100 loss 2.2\n");
    CHECK(isnan(facts.total));
    read_text("step 10/50 | loss: 2.5 | epoch: 1\nstep 11/50 | loss: 2.4 | epoch: 1\n"); /* the epoch is told, not counted in */
    CHECK_NEAR(facts.total, 50, 0);
}

TEST(what_one_step_takes_counts_nothing)
{
    CHECK_STR(read_text("step 10/500 | loss 2.5 | s/step 3.5\nstep 20/500 | loss 2.4 | s/step 3.5\n"), "loss:train_loss@10=2.5;s/step:other@10=3.5;loss:train_loss@20=2.4;s/step:other@20=3.5;");
    CHECK_STR(read_text("train/step 10 loss 2.5 tokens/step 512\ntrain/step 20 loss 2.4 tokens/step 512\n"), "loss:train_loss@10=2.5;tokens/step:other@10=512;loss:train_loss@20=2.4;tokens/step:other@20=512;");
}

TEST(a_count_that_goes_on_while_it_tells_the_epoch)
{
    CHECK_STR(read_text("0/500 (epoch 0), loss = 2.5\n1/500 (epoch 0), loss = 2.4\n2/500 (epoch 1), loss = 2.3\n3/500 (epoch 1), loss = 2.2\n"), "loss:train_loss@0=2.5;loss:train_loss@1=2.4;loss:train_loss@2=2.3;loss:train_loss@3=2.2;");
    CHECK_NEAR(facts.total, 500, 0);
    CHECK(strstr(read_text("updates 5/100 episodes, total num timesteps 800/16000, FPS 12\nreward is 2.5\nupdates 10/100 episodes, total num timesteps 1600/16000, FPS 12\nreward is 2.75\n"), "reward:metric@1600=2.75;") != NULL);
    CHECK_NEAR(facts.total, 16000, 0);
    CHECK_STR(read_text("fps step: 261574 fps total: 181660 epoch: 376/500 reward: 2.5\nfps step: 266194 fps total: 185195 epoch: 377/500 reward: 2.75\n"),
              "fps step:other@376=261574;fps total:other@376=181660;reward:metric@376=2.5;fps step:other@377=266194;fps total:other@377=185195;reward:metric@377=2.75;");
}

TEST(an_epoch_and_a_fraction_of_it_in_brackets)
{
    CHECK(never_ends("ctdet| train: [3][30/61]|loss 2.5\nctdet| train: [3][31/61]|loss 2.4\nctdet| train: [3][32/61]|loss 2.3\n"));
    CHECK_STR(read_text("train: [3][60/61]|loss 2.5\ntrain: [4][0/61]|loss 2.4\n"), "loss:train_loss@3=2.5;loss:train_loss@4=2.4;");
    read_text("1/500 (epoch 0.000), train_loss = 2.5\n2/500 (epoch 0.000), train_loss = 2.4\n");
    CHECK_NEAR(facts.total, 500, 0);
}

TEST(fractions_that_count_no_progress)
{
    CHECK(never_ends("[1/10] loading data\nloss 2.5\nloss 2.4\nloss 2.3\n"));
    CHECK(never_ends("loss 2.5\nEarlyStopping counter: 1/10\nloss 2.4\nEarlyStopping counter: 2/10\nloss 2.3\nEarlyStopping counter: 3/10\n"));
    CHECK(never_ends("epoch 1 loss 2.5 patience 1/10\nepoch 2 loss 2.4 patience 2/10\nepoch 3 loss 2.3 patience 3/10\n"));
    CHECK(never_ends("loss 2.5 [10/24 GB]\nloss 2.4 [11/24 GB]\nloss 2.3 [12/24 GB]\n"));
    CHECK(never_ends("loss 2.5 mem 10/24GiB\nloss 2.4 mem 11/24GiB\nloss 2.3 mem 12/24GiB\n"));
    CHECK(never_ends("seed 3/5\nFold 1/5\nworker 0/8 ready\nstep 1 loss 2.5\nstep 2 loss 2.4\n"));
    CHECK(never_ends("step 1 loss 2.5 correct 78/100\nstep 2 loss 2.4 correct 79/100\nstep 3 loss 2.3 correct 81/100\n"));
}

TEST(fractions_of_no_use_do_not_crowd_out_counters)
{
    char text[2048];
    size_t n = 0;
    for (int i = 0; i < 30; i++) n += (size_t)snprintf(text + n, sizeof text - n, "%d/%d files checked\n", i, 40 + i);
    snprintf(text + n, sizeof text - n, "epoch 1/9 loss 2.5\nepoch 2/9 loss 2.4\n");
    CHECK_STR(read_text(text), "loss:train_loss@1=2.5;loss:train_loss@2=2.4;");
    CHECK_NEAR(facts.total, 9, 0);
}

TEST(numbers_of_things_count_unless_they_tell_apart)
{
    CHECK_STR(read_text("train no 1 loss 2.5\ntrain no 2 loss 2.4\n"), "loss:train_loss@1=2.5;loss:train_loss@2=2.4;");
    CHECK_STR(read_text("GPU no. 3, step 1 loss 2.5\nGPU no. 3, step 2 loss 2.4\n"), "loss:train_loss@1=2.5;loss:train_loss@2=2.4;");
    CHECK_STR(read_text("Img No. 0\nloss: 2.5\nImg No. 100\nloss: 2.4\n"), "loss:train_loss@0=2.5;loss:train_loss@100=2.4;");
    CHECK_STR(read_text("model no. 3 loss 2.5\nmodel no. 3 loss 2.4\n"), "loss:train_loss@nan=2.5;loss:train_loss@nan=2.4;");
    CHECK_STR(read_text("GPU nr 0 loss 2.5\nGPU nr 1 loss 2.4\nGPU nr 0 loss 2.3\nGPU nr 1 loss 2.2\n"), "loss:train_loss@nan=2.5;loss:train_loss@nan=2.4;loss:train_loss@nan=2.3;loss:train_loss@nan=2.2;");
}

TEST(settings_are_no_measures)
{
    CHECK_STR(read_text("val_loss_every: 250\nl1_weight: 0.5\niou_thresh: 0.25\nval_loss_steps: 20\nstep 1 loss 2.5 clip_loss 1.5 loss_weight 0.5\n"),
              "val_loss_every:other@nan=250;l1_weight:other@nan=0.5;iou_thresh:other@nan=0.25;val_loss_steps:other@nan=20;loss:train_loss@1=2.5;clip_loss:train_loss@1=1.5;loss_weight:other@1=0.5;");
    CHECK_STR(read_text("step 1 loss_rpn_box_reg 0.5 l1_reg 0.25 grad_clip 1\n"), "loss_rpn_box_reg:train_loss@1=0.5;l1_reg:other@1=0.25;grad_clip:other@1=1;");
}

TEST(parts_of_adversarial_losses)
{
    CHECK_STR(read_text("step 1 G_adv: 0.5 D-real: 0.25 gen/l1: 0.125 cls_D: 1.5 errG: 2.5 rpn_box: 3.5\n"), "G_adv:train_loss@1=0.5;D-real:train_loss@1=0.25;gen/l1:train_loss@1=0.125;cls_D:train_loss@1=1.5;errG:train_loss@1=2.5;rpn_box:train_loss@1=3.5;");
    CHECK_STR(read_text("iter 1 l_g_pix: 0.5 l_rate: 0.25 l_norm: 2\n"), "l_g_pix:train_loss@1=0.5;l_rate:lr@1=0.25;l_norm:other@1=2;");
    CHECK_STR(read_text("step 1 G_lr: 0.5 D_acc: 0.25 d_model: 512 x_y: 1.5\n"), "G_lr:lr@1=0.5;D_acc:metric@1=0.25;d_model:other@1=512;x_y:other@1=1.5;");
}

TEST(a_header_of_two_lines_drawn_with_bars)
{
    CHECK_STR(read_text("|=====================================================|\n|  Epoch  |  Iteration  |  Mini-batch  |  Mini-batch  |\n|         |             |   Accuracy   |     Loss     |\n|=====================================================|\n"
                        "|       1 |           1 |        9.38% |       2.5    |\n|       2 |          50 |       51.56% |       1.75   |\n"),
              "Mini-batch Accuracy:metric@1=9.38;Mini-batch Loss:train_loss@1=2.5;Mini-batch Accuracy:metric@50=51.56;Mini-batch Loss:train_loss@50=1.75;");
}

TEST(powers_as_fortran_writes_them)
{
    CHECK_STR(read_text("At iterate    0    f=  5.25D+00    |proj g|=  5.5D+01\n\nAt iterate    5    f=  4.5D+00    |proj g|=  1.5D-01\n\nAt iterate   10    f=  4.25D-02    |proj g|=  2.5D-03\n"),
              "f:train_loss@0=5.25;proj g:other@0=55;f:train_loss@5=4.5;proj g:other@5=0.15;f:train_loss@10=0.0425;proj g:other@10=0.0025;");
    CHECK_STR(read_text("step 1 loss 2D\nstep 2 loss 3D-art\n"), "loss:train_loss@1=2;loss:train_loss@2=3;");
}

TEST(cells_of_several_numbers)
{
    CHECK_STR(read_text("Step      Train loss              Test loss               Test metric\n0         [4.5e+00, 1.5e-02]    [4.25e+00, 1.5e-02]    []  \n1000      [1.5e-04, 5.0e-05]    [1.25e-04, 5.0e-05]    []  \n"),
              "Train loss:train_loss@0=4.5;Test loss:eval_loss@0=4.25;Train loss:train_loss@1000=0.00015;Test loss:eval_loss@1000=0.000125;");
    CHECK_STR(read_text("Step      Train loss    Test loss     Test metric\n0         [1.5e+00]    [1.25e+00]    [1.125e+00]\n1000      [2.5e-04]    [2.25e-04]    [2.125e-04]\n"),
              "Train loss:train_loss@0=1.5;Test loss:eval_loss@0=1.25;Test metric:metric@0=1.125;Train loss:train_loss@1000=0.00025;Test loss:eval_loss@1000=0.000225;Test metric:metric@1000=0.0002125;");
}

TEST(tables_of_stan_and_its_chains)
{
    const char *header = "Iter      log prob        ||dx||      ||grad||       alpha  # evals  Notes \n";
    char text[512];
    snprintf(text, sizeof text, "Chain 1:     %sChain 1:       19      -52830.5      0.5       1907.5           1       23   \nChain 1:     %sChain 1:       39      -52332.5     0.25       99.25           1       45   \n", header, header);
    CHECK(strstr(read_text(text), "log prob:metric@19=-52830.5;||dx||:other@19=0.5;") != NULL);
    CHECK(strstr(read_text(text), "log prob:metric@39=-52332.5;||dx||:other@39=0.25;") != NULL);
    CHECK_STR(read_text("Chain [2] Iteration:  100 / 2000 [  5%]  (Warmup)\nChain [2] Iteration:  200 / 2000 [ 10%]  (Warmup)\n"), "");
}

TEST(lists_and_columns_without_names)
{
    CHECK_STR(read_text("[INFO] Train Epoch: 6 [56%]\n[INFO] [2.5, 4.25, 1.125, 100, 0.0002]\n[INFO] ====> Epoch: 6\n[INFO] Train Epoch: 12 [11%]\n[INFO] [2.25, 4.0, 1.5, 200, 0.0001]\n"),
              "item 1:train_loss@100=2.5;item 2:train_loss@100=4.25;item 3:train_loss@100=1.125;lr:lr@100=0.0002;item 1:train_loss@200=2.25;item 2:train_loss@200=4;item 3:train_loss@200=1.5;lr:lr@200=0.0001;");
    CHECK_STR(read_text("[2.5, 4.25, 1.125, 0, 0.0002]\n[2.25, 4.0, 1.5, 200, 0.0001]\n"), "item 1:train_loss@0=2.5;item 2:train_loss@0=4.25;item 3:train_loss@0=1.125;lr:lr@0=0.0002;item 1:train_loss@200=2.25;item 2:train_loss@200=4;item 3:train_loss@200=1.5;lr:lr@200=0.0001;");
    CHECK_STR(read_text("[0.9, 0.999, 0.5, 2]\n[0.9, 0.999, 0.5, 2]\n[1.5, 2.5, 3.5, 4.5]\n[1.25, 2.25, 3.25, 4.25]\n"), "");
    CHECK_STR(read_text("% mean class accuracy (train set)\t\n 7.5e+01\t\n 9.25e+01\t\n 9.5e+01\t\n"),
              "mean class accuracy (train set):metric@1=75;mean class accuracy (train set):metric@2=92.5;mean class accuracy (train set):metric@3=95;");
    CHECK_STR(read_text("0.5\n0.25\n0.125\n"), "column 1:train_loss@1=0.5;column 1:train_loss@2=0.25;column 1:train_loss@3=0.125;");
    CHECK_STR(read_text("two numbers:\n0.5\nand no more\n0.25\n"), "two numbers:other@nan=0.5;");
}

TEST(an_epoch_told_again_below_a_heading_is_an_evaluation)
{
    CHECK_STR(read_text("epoch: 1, loss is: 0.5\ntesting in eval mode\nepoch: 1, loss is: 0.75\nepoch: 2, loss is: 0.25\ntesting in eval mode\nepoch: 2, loss is: 0.5\n"),
              "loss:train_loss@1=0.5;eval loss:eval_loss@1=0.75;loss:train_loss@2=0.25;eval loss:eval_loss@2=0.5;");
    CHECK_STR(read_text("epoch: 1, loss is: 0.5\ntesting in eval mode\nepoch: 2, loss is: 0.25\n"), "loss:train_loss@1=0.5;loss:train_loss@2=0.25;");
}

TEST(commas_behind_colons_and_angles_around_counters)
{
    CHECK_STR(read_text("Epoch 1, Train loss: 0.5, Test loss:, 0.75\nEpoch 2, Train loss: 0.25, Test loss:, 0.5\n"),
              "Train loss:train_loss@1=0.5;Test loss:eval_loss@1=0.75;Train loss:train_loss@2=0.25;Test loss:eval_loss@2=0.5;");
    CHECK_STR(read_text("<10> LL/token: -9\n<20> LL/token: -8\n"), "LL/token:metric@10=-9;LL/token:metric@20=-8;");
}

TEST(a_sentence_between_a_counted_header_and_its_rows)
{
    CHECK_STR(read_text("Epoch   box    obj\nPlotting labels...\n0/9   0.5   0.25\n1/9   0.25  0.125\n"), "box:train_loss@0=0.5;obj:train_loss@0=0.25;box:train_loss@1=0.25;obj:train_loss@1=0.125;");
}

TEST(how_long_an_epoch_took_is_not_which_it_was)
{
    CHECK_STR(read_text("Epoch 1 Batch 0 Loss 0.5\nEpoch 1 Batch 9 Loss 0.4\nTime taken for 1 epoch 82.5 sec\nEpoch 2 Batch 0 Loss 0.3\nEpoch 2 Batch 9 Loss 0.25\nTime taken for 1 epoch: 60.5 secs\n"),
              "Loss:train_loss@1=0.5;Loss:train_loss@1=0.4;Time taken for:other@1=1;epoch:other@1=82.5;Loss:train_loss@2=0.3;Loss:train_loss@2=0.25;Time taken for:other@2=1;epoch:other@2=60.5;");
}

TEST(generations_of_a_population)
{
    CHECK_STR(read_text("gen\tnevals\tavg\tmax\n0  \t100\t0.5\t0.75\n1  \t60 \t0.625\t0.875\n"), "nevals:other@0=100;avg:metric@0=0.5;max:metric@0=0.75;nevals:other@1=60;avg:metric@1=0.625;max:metric@1=0.875;");
}

TEST(a_bar_that_was_not_ended_is_a_record_of_its_own)
{
    CHECK_STR(read_text("Steps:  50%|#####     | 4/8 [00:01<00:01, 4it/s, loss=0.5]epoch 1: {'acc': 0.75}\nSteps: 100%|##########| 8/8 [00:02<00:00, 4it/s, loss=0.25]epoch 2: {'acc': 0.875}\n"),
              "loss:train_loss@4=0.5;acc:metric@1=0.75;loss:train_loss@8=0.25;acc:metric@2=0.875;");
}

TEST(shares_in_parentheses)
{
    CHECK_STR(read_text("***** Iteration #1 *****\nItem accuracy: 79 / 85 (0.9294)\nSeconds required for this iteration: 0.001\n***** Iteration #2 *****\nItem accuracy: 85 / 85 (1.0000)\n"),
              "Item accuracy:metric@1=79;Item accuracy (%):metric@1=0.9294;required for this iteration:other@1=0.001;Item accuracy:metric@2=85;Item accuracy (%):metric@2=1;");
}

TEST(remarks_behind_the_rows_of_a_table)
{
    CHECK_STR(read_text("  iter     ELBO   delta_ELBO_mean   notes\n   100    -4.5    1.000\n   200    -3.5    0.500   MEDIAN ELBO CONVERGED\n"),
              "ELBO:train_loss@100=-4.5;delta_ELBO_mean:train_loss@100=1;ELBO:train_loss@200=-3.5;delta_ELBO_mean:train_loss@200=0.5;");
}

TEST(two_objectives_told_in_the_same_words)
{
    CHECK_STR(read_text("LOG (nnet3-chain-train[5.5.1]:Print():nnet-training.cc:348) Overall average objective function for 'output' is -0.5 over 505600 frames.\n"
                        "LOG (nnet3-chain-train[5.5.1]:Print():nnet-training.cc:348) Overall average objective function for 'output-xent' is -1.5 over 505600 frames.\n"),
              "Overall average objective function for 'output':train_loss@nan=-0.5;over:other@nan=505600;Overall average objective function for 'output-xent':train_loss@nan=-1.5;over:other@nan=505600;");
}

TEST(numbers_in_an_aside_between_name_and_value)
{
    CHECK_STR(read_text("Step 10 | Avg Reward (last 10):  0.5\nStep 20 | Avg Reward (last 10):  0.75\n"), "last:other@10=10;Avg Reward:metric@10=0.5;last:other@20=10;Avg Reward:metric@20=0.75;");
}

TEST(each_refresh_of_a_bar_on_a_line_of_its_own)
{
    CHECK_STR(read_text("Epoch 1/2\n 1/9 [>....] - ETA: 1:29 - loss: 0.5\n 9/9 [=====] - 9s 33ms/step - loss: 0.25 - val_loss: 0.75\nEpoch 2/2\n 1/9 [>....] - ETA: 1:29 - loss: 0.125\n"),
              "loss:train_loss@1=0.5;loss:train_loss@1=0.25;val_loss:eval_loss@1=0.75;loss:train_loss@2=0.125;");
}

TEST(glued_lines_are_two_records)
{
    CHECK_STR(read_text("step 1 acc 50%step 2 acc 60%\nstep 3 acc 70%\n"), "acc:metric@1=50;acc:metric@2=60;acc:metric@3=70;");
}

TEST(blocks_of_lines_are_one_record)
{
    CHECK_STR(read_text("Result for trial a:\n  loss: 0.5\n  training_iteration: 1\n\nResult for trial a:\n  loss: 0.25\n  training_iteration: 2\n"), "loss:train_loss@1=0.5;loss:train_loss@2=0.25;");
    CHECK_STR(read_text("{\n  \"loss\": [\n    0.5,\n    0.25\n  ],\n  \"val_loss\": [\n    0.75\n  ]\n}\n"), "loss:train_loss@1=0.5;loss:train_loss@2=0.25;val_loss:eval_loss@1=0.75;");
    CHECK_STR(read_text("1 0.5 0.25\n2 0.25 0.125\n"), "column 2:train_loss@1=0.5;column 3:other@1=0.25;column 2:train_loss@2=0.25;column 3:other@2=0.125;");
    CHECK_STR(read_text("3 0.5\n1 0.25\n"), "");
}

TEST(tables_of_two_sides)
{
    CHECK_STR(read_text("Epoch 1\n          Training |  Validation\nloss      |  0.5   |  0.75\nEpoch 2\n          Training |  Validation\nloss      |  0.25  |  N/A\n"),
              "Training loss:train_loss@1=0.5;Validation loss:eval_loss@1=0.75;Training loss:train_loss@2=0.25;");
    CHECK_STR(read_text("Epoch 1\n\u2502 label      \u2502   loss \u2502\n\u2502 train      \u2502 0.5    \u2502\n\u2502 validation \u2502 0.75   \u2502\n"), "train loss:train_loss@1=0.5;validation loss:eval_loss@1=0.75;");
}

TEST(a_second_loss_after_an_evaluation_was_announced)
{
    CHECK_STR(read_text("loss = 0.5, step = 1\nStarting evaluation\nSaving dict for global step 2: accuracy = 0.75, loss = 0.625\nloss = 0.25, step = 3\n"),
              "loss:train_loss@1=0.5;eval accuracy:metric@2=0.75;eval loss:eval_loss@2=0.625;loss:train_loss@3=0.25;");
    CHECK_STR(read_text("INFO:tensorflow:loss = 0.5, step = 1\nINFO:tensorflow:Starting evaluation at 2026-11-25T02:51:59\nINFO:tensorflow:Saving dict for global step 2: average_loss = 0.75, loss = 0.625\n"),
              "loss:train_loss@1=0.5;eval average_loss:eval_loss@2=0.75;eval loss:eval_loss@2=0.625;");
}

TEST(a_log_may_change_its_mind)
{
    CHECK_STR(read_text("step 1/9 | train loss: 0.5\nstep 2/9 | train loss: 0.25\n{\"step\": 3, \"val_loss\": 0.5}\nstep,loss,acc\n4,0.125,0.75\n5,0.0625,0.875\n{'loss': 0.03125, 'step': 6}\n"),
              "train loss:train_loss@1=0.5;train loss:train_loss@2=0.25;val_loss:eval_loss@3=0.5;loss:train_loss@4=0.125;acc:metric@4=0.75;loss:train_loss@5=0.0625;acc:metric@5=0.875;loss (2):train_loss@6=0.03125;");
    CHECK_STR(facts.format, "table");
    static char log[1 << 14];
    size_t n = 0;
    for (int i = 1; i < 400; i++) n += (size_t)snprintf(log + n, sizeof log - n, i < 100 ? "step %d loss 0.5\n" : "{'loss': 0.5, 'step': %d}\n", i);
    struct seen seen = {0};
    char error[160];
    struct reader *r = reader_create(NULL, collect, &seen, error, sizeof error);
    reader_feed(r, log, n), reader_end(r);
    CHECK_STR(reader_facts(r).format, "hf-trainer");
    CHECK_NEAR(reader_facts(r).x, 399, 0);
    CHECK_INT(reader_facts(r).values, 399);
    reader_destroy(r);
}

TEST(dates_versions_and_hashes_are_no_values)
{
    CHECK_STR(read_text("2024-01-02 10:11:12,345 INFO torch==2.1.0 commit 3fa4be12 step=1 loss=0.5\n2024-01-02 10:11:13,345 INFO torch==2.1.0 commit 3fa4be13 step=2 loss=0.25\n"), "loss:train_loss@1=0.5;loss:train_loss@2=0.25;");
}

TEST(any_chunking_gives_the_same_values)
{
    static const char log[] = "Epoch 1/2\r\n{'loss': 1.5, 'epoch': 0.5}\nstep,loss\n1,2\n2,3\n\x1b[31mstep 5 loss=nan\x1b[0m\n";
    char error[160];
    struct seen whole = {0};
    struct reader *r = reader_create(NULL, collect, &whole, error, sizeof error);
    reader_feed(r, log, sizeof log - 1), reader_end(r), reader_destroy(r);
    for (int k = 0; k < 200; k++) {
        struct seen parts = {0};
        r = reader_create(NULL, collect, &parts, error, sizeof error);
        for (size_t i = 0; i < sizeof log - 1;) {
            size_t n = 1 + (size_t)(check_random() * 9);
            if (n > sizeof log - 1 - i) n = sizeof log - 1 - i;
            reader_feed(r, log + i, n);
            i += n;
        }
        reader_end(r), reader_destroy(r);
        CHECK_STR(parts.text, whole.text);
    }
}

TEST(own_patterns)
{
    struct seen s = {0};
    char error[160];
    struct reader_options how = {"goodness (?<value>[0-9.]+)", "at ([0-9]+)"};
    struct reader *r = reader_create(&how, collect, &s, error, sizeof error);
    static const char log[] = "at 3 goodness 0.5 loss=9\nat 4 goodness 0.75\n";
    reader_feed(r, log, sizeof log - 1), reader_end(r), reader_destroy(r);
    CHECK_STR(s.text, "goodness:other@3=0.5;goodness:other@4=0.75;");
    how.metric_regex = "(";
    CHECK(!reader_create(&how, collect, &s, error, sizeof error));
    CHECK(strstr(error, "--metric-regex") != NULL);
}

TEST(numbers_parse_as_strtod_does)
{
    for (int k = 0; k < 20000; k++) {
        char text[64];
        double got, want = (check_random() - 0.5) * pow(10, (int)(check_random() * 60) - 30);
        int n = snprintf(text, sizeof text, k % 2 ? "%.*g" : "%.*e", 1 + (int)(check_random() * 19), want);
        CHECK_INT(number_parse(text, (size_t)n, &got), n);
        want = strtod(text, NULL);
        if (got != want) CHECK_FAIL("%s parses as %.17g", text, got);
    }
}

/* Halfway between two doubles, and just beside it. */
TEST(ties_round_as_strtod_rounds)
{
    static const char *const text[] = {"9007199254740993", "9007199254740993.000", "9007199254740992.999", "9007199254740993.001", "9007199254740995", "0.5000000000000000555",
                                       "1.00000000000000011102", "1.000000000000000111", "4503599627370497.5", "1e23", "8.5e22", "12345678901234567890123", "9999999999999999999"};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        double got;
        CHECK_INT(number_parse(text[i], strlen(text[i]), &got), strlen(text[i]));
        if (got != strtod(text[i], NULL)) CHECK_FAIL("%s parses as %.17g", text[i], got);
    }
}

TEST(formats_have_cards)
{
    for (size_t i = 0; i < reader_format_count(); i++) CHECK(*reader_format(i).name && *reader_format(i).what && *reader_format(i).example);
}

CHECK_MAIN
