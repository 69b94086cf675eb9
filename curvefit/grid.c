/* grid: see grid.h */
#include "grid.h"

#include <math.h>

static double on_range(const struct cf__range *range, unsigned i)
{
    double share = range->nodes > 1 ? (double)i / (range->nodes - 1) : 0.5;
    return exp(log(range->low) + share * log(range->high / range->low));
}

static unsigned nodes_of(const struct cf__family *f)
{
    unsigned n = 1;
    for (unsigned i = 0; i < f->n_theta; i++) n *= f->theta[i].nodes;
    return n;
}

static unsigned add_family(struct cf__grid *grid, unsigned index, unsigned n)
{
    const struct cf__family *f = cf__family(index);
    unsigned count = nodes_of(f);
    for (unsigned i = 0; i < count && n < CF__NODES; i++, n++) {
        grid->nodes[n] = (struct cf__node){.family = index, .siblings = count};
        for (unsigned j = 0, rest = i; j < f->n_theta; rest /= f->theta[j].nodes, j++)
            grid->nodes[n].theta[j] = on_range(&f->theta[j], rest % f->theta[j].nodes);
    }
    return n;
}

static double table_time(unsigned k) { return CF__T_MIN * pow(1 / CF__T_MIN, (double)k / (CF__TIMES - 1)); }

void cf__grid_fill(struct cf__grid *grid)
{
    unsigned n = 0;
    for (unsigned i = 0; i < cf_family_count(); i++) n = add_family(grid, i, n);
    grid->n_blocks = (n + 2 * CF__LANES - 1) / (2 * CF__LANES) * 2;
    for (; n < grid->n_blocks * CF__LANES; n++) grid->nodes[n] = (struct cf__node){.theta = {1, 1, 1}};
    for (unsigned j = 0; j < n; j++)
        for (unsigned k = 0; k < CF__TIMES; k++)
            grid->table[j / CF__LANES][k][j % CF__LANES] = cf__family(grid->nodes[j].family)->value(table_time(k), grid->nodes[j].theta);
}

struct cf__place cf__grid_place(double t)
{
    double u = log(fmin(fmax(t, CF__T_MIN), 1) / CF__T_MIN) / log(1 / CF__T_MIN) * (CF__TIMES - 1);
    unsigned k = (unsigned)fmin(u, CF__TIMES - 2);
    return (struct cf__place){k, u - k};
}

double cf__grid_value(const struct cf__grid *grid, unsigned node, const struct cf__place *place)
{
    const cf__lanes *row = grid->table[node / CF__LANES];
    double a = row[place->k][node % CF__LANES], b = row[place->k + 1][node % CF__LANES];
    return a + place->share * (b - a);
}
