/* mlflow_db: MLflow's database (mlflow.db, SQLite) as the files of its file store. PATH/mlflow.db/RUN/metrics/NAME is the metric NAME of the run RUN: a line
 * "milliseconds value step" each time it was logged. Only ever read.
 */
#ifndef SOURCE_MLFLOW_DB_H
#define SOURCE_MLFLOW_DB_H

#include <stdbool.h>
#include <sys/types.h>

bool mlflow_db_is(const char *path); /* such a database */

/* Every metric of every run that was not deleted; last_ms: when the run's last value was logged, since 1970. False: it cannot be read, or fn gave false. */
typedef bool (*mlflow_metric_fn)(void *context, const char *run, const char *metric, long long last_ms);
bool mlflow_db_list(const char *path, mlflow_metric_fn fn, void *context);

/* The settings of the run that a path within a database belongs to: those that are numbers. Of another path: none. */
void mlflow_db_params(const char *path, void (*fn)(void *context, const char *name, double value), void *context);

struct mlflow_rows;
struct mlflow_rows *mlflow_rows_open(const char *path); /* NULL: it is no path within a database, or out of memory */
ssize_t mlflow_rows_read(struct mlflow_rows *rows, char *bytes, size_t size); /* whole lines; 0: there are no more now */
void mlflow_rows_close(struct mlflow_rows *rows);

#endif
