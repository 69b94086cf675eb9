/* exits: the exit statuses of every verb, besides those of a command that is run. */
#ifndef EXITS_H
#define EXITS_H

#define EXIT_STOPPED 99  /* default of --stop-exit-code */
#define EXIT_MISUSE 100
#define EXIT_SYSTEM 111

#endif
