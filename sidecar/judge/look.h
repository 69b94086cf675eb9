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

struct race_look { double bar, progress; float input[RACE_INPUTS]; };
/* The trial in a race as it stands now; anew: by a forecast that is made again. False: no value. */
bool judge_look_in_race(struct judge *judge, const char *trial, bool anew, struct race_look *look);

#endif
