/* look: what the judge sees when it looks at a trial; for learning. Internal to judge. */
#ifndef JUDGE_LOOK_H
#define JUDGE_LOOK_H

#include "judge.h"
#include "standing.h"

struct look {
    cf_forecast forecast;
    double bar, spread;
    float input[STANDING_INPUTS];
};
/* The trial as it stands now. False: no forecast, or nothing finished yet. Judges nothing. */
bool judge_look(struct judge *judge, const char *trial, struct look *look);

#endif
