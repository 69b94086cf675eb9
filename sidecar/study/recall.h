/* recall: what a study's memory knows, told to a judge. Values are taken note of, not judged. */
#ifndef RECALL_H
#define RECALL_H

#include "judge/judge.h"
#include "store/store.h"

/* Values that came since *cursor (start with 0), but for those of trial not_values_of (-1: all of them); then how each trial stands, but for trial
 * not_state_of (-1: all), whose state the caller keeps. */
void recall(struct store *store, struct judge *judge, int64_t *cursor, int64_t not_values_of, int64_t not_state_of);

/* How far a study's memory has been told. Starts as {0}. */
struct recalled { int64_t cursor; double looked; };
/* The same, from time to time: does nothing while no other connection has written. Every few seconds it looks all the same, for trials whose processes are gone. */
void recall_news(struct store *store, struct judge *judge, struct recalled *recalled, int64_t not_values_of, int64_t not_state_of);

#endif
