/* grid: the nodes over which the ensemble sums, and their shapes as a table. Internal to curvefit. */
#ifndef CF_GRID_H
#define CF_GRID_H

#include "family.h"
#include "lanes.h"

#define CF__BLOCKS 352 /* of CF__LANES nodes */
#define CF__NODES (CF__BLOCKS * CF__LANES)
#define CF__TIMES 161 /* points of the table in t, even in log t from CF__T_MIN to 1 */
#define CF__T_MIN 1e-4

struct cf__node {
    unsigned family;
    unsigned siblings; /* how many nodes the family has; 0: only fills a block */
    double theta[CF__THETA_MAX];
};

struct cf__grid {
    unsigned n_blocks; /* even: the ensemble takes two at a time */
    struct cf__node nodes[CF__NODES];
    cf__lanes table[CF__BLOCKS][CF__TIMES]; /* g, node by node at one t */
};

struct cf__place { unsigned k; double share; }; /* between points k and k + 1 of the table */

void cf__grid_fill(struct cf__grid *grid);
struct cf__place cf__grid_place(double t);
double cf__grid_value(const struct cf__grid *grid, unsigned node, const struct cf__place *place);

#endif
