/* beside: what a run was started with, where the files beside its records say so: MLflow's params (a file each, or in its database), the hparams.yaml of Lightning. */
#ifndef SOURCE_BESIDE_H
#define SOURCE_BESIDE_H

typedef void (*setting_fn)(void *context, const char *name, double value);

/* Those that are numbers, of the run that the file at path belongs to. What cannot be read is none. */
void settings_beside(const char *path, setting_fn fn, void *context);

#endif
