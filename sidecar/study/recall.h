/* recall: what a study's memory knows, told to a judge. Values are taken note of, not judged. */
#ifndef RECALL_H
#define RECALL_H

#include "judge/judge.h"
#include "store/store.h"

/* Values that came since *cursor (start with 0), but for those of trial not_values_of (-1: all of them); then how each trial stands, but for trial
 * not_state_of (-1: all), whose state the caller keeps. */
void recall(struct store *store, struct judge *judge, int64_t *cursor, int64_t not_values_of, int64_t not_state_of);

#endif
