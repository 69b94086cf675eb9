/* chance: from where a trial stands to the chance that it beats the bar. Internal to judge.
 *
 * Card
 *   A network of two hidden layers (SiLU) over the inputs of standing.h, learned by learn/learn.py from looks at replayed sweeps: every
 *   metric of every recorded study of eight trials or more, random orders, 8 to 60 trials, 1 to 4 workers, sweeps cut by a rule meanwhile.
 *   The forecasts among the inputs were made by tables that never saw the study's source. Studies weigh equally, those of a source of many
 *   studies less. Target: the trial ends better than the bar by more than CHANCE_TOLERANCE of the sweep's spread.
 *   The table and its scores: chance_table.c.
 */
#ifndef JUDGE_CHANCE_H
#define JUDGE_CHANCE_H

#include "standing.h"

#define CHANCE_HIDDEN_MOST 64
#define CHANCE_TOLERANCE 0.01 /* of the spread, that the network was taught to ask for */

struct chance_net {
    unsigned hidden[2];             /* <= CHANCE_HIDDEN_MOST */
    const float *w1, *b1;           /* hidden[0] rows of STANDING_INPUTS; one bias each */
    const float *w2, *b2, *w3;      /* hidden[1] rows of hidden[0]; one bias each; hidden[1] */
    float b3;
};
extern const struct chance_net chance_net;

double chance_of(const struct chance_net *net, const float input[STANDING_INPUTS]); /* in (0, 1) */

#endif
