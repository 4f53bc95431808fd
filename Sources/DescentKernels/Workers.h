// The pool of threads.

#ifndef DESCENT_WORKERS_H
#define DESCENT_WORKERS_H

#include "DescentKernels.h"

typedef void (*dk_part)(void *state, int32_t part);

// Calls body(state, part) for every part below `parts`, on the caller and the workers, and returns when all are done.
// While another caller uses the workers, all parts run on the caller.
void dk_in_parts(int32_t parts, dk_part body, void *state);

// Whether a part handed out now would start at once.
int dk_workers_are_awake(void);

// Has up to `count` workers start looking out for parts, without waiting for them.
void dk_wake_workers(int32_t count);

#endif
