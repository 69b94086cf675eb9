/* metric: what a logged number is and in which direction better lies, judged by its name. Pure. */
#ifndef METRIC_H
#define METRIC_H

#include <stdbool.h>
#include <stddef.h>

enum metric_kind { METRIC_TRAIN_LOSS, METRIC_EVAL_LOSS, METRIC_SCORE, METRIC_RATE, METRIC_OTHER };
enum metric_goal { GOAL_NONE, GOAL_MIN, GOAL_MAX };

struct metric_meaning {
    enum metric_kind kind;
    enum metric_goal goal;
};

struct metric_meaning metric_meaning_of(const char *name);

/* The name says that it was measured on data held out: "val_loss", "testAcc", "Validation RMSE". */
bool metric_is_evaluation(const char *name);
bool metric_is_training(const char *name); /* or on what the model is trained with */

/* An error measure (mse, mae ...), which beside a loss is a score and alone is the loss. */
bool metric_is_error(const char *name);

/* Printable UTF-8. Anything else is no name but binary garbage, and would only spoil a terminal. */
bool metric_name_is_text(const char *name);

/* The words of the outside interface: "train_loss", "eval_loss", "metric", "lr", "other"; "min", "max", "none". */
const char *metric_kind_text(enum metric_kind kind);
const char *metric_goal_text(enum metric_goal goal);
bool metric_goal_parse(const char *text, enum metric_goal *goal); /* "min" | "max" */

/* How good a primary metric it makes: evaluation loss over evaluation score over train loss over train score; 0: never. */
int metric_rank(const char *name, struct metric_meaning meaning);

#endif
