/* chance: from where a trial stands to the chance that it beats the bar. Internal to judge.
 *
 * Card
 *   A network of two hidden layers (SiLU) over the inputs of standing.h, learned by learn/learn.py from looks at replayed sweeps: every
 *   metric of every recorded study of eight trials or more, random orders, 8 to 60 trials, 1 to 4 workers, sweeps cut by a rule meanwhile.
 *   The forecasts among the inputs were made by tables that never saw the study's source. Studies weigh equally, those of a source of many
 *   studies less. Target: the trial ends better than the bar by more than CHANCE_TOLERANCE of the sweep's spread.
 *   The table and its scores: chance_table.c.
 *
 *   In a race, where stopped trials may go on and none need have finished, a second network of the same shape (race_table.c, learn/race.py), from
 *   looks at all trials of a race at once. Two outputs: RACE_SCORE, such that exp(score) over the sum of all others' and, once something has
 *   finished, 1 is the chance to be the best of all; and RACE_CHANCE, to beat the bar as above.
 */
#ifndef JUDGE_CHANCE_H
#define JUDGE_CHANCE_H

#include "standing.h"

#define CHANCE_HIDDEN_MOST 64
enum { RACE_SCORE, RACE_CHANCE };
#define CHANCE_TOLERANCE 0.01 /* of the spread, that the network was taught to ask for */

struct chance_net {
    unsigned inputs, hidden[2], outputs; /* hidden <= CHANCE_HIDDEN_MOST */
    const float *w1, *b1;                /* hidden[0] rows of inputs; one bias each */
    const float *w2, *b2;                /* hidden[1] rows of hidden[0]; one bias each */
    const float *w3, *b3;                /* outputs rows of hidden[1]; one bias each */
};
extern const struct chance_net chance_net; /* of STANDING_INPUTS: the chance */
extern const struct chance_net race_net;   /* of RACE_INPUTS: RACE_SCORE, RACE_CHANCE */

double chance_of(const struct chance_net *net, const float *input, unsigned output); /* in (0, 1) */
double chance_logit(const struct chance_net *net, const float *input, unsigned output); /* its log odds */

#endif
