/* Which of the kernels this processor can run, and this system lets run. */
#ifndef COMHE_PROCESSOR_H
#define COMHE_PROCESSOR_H

#include "kernels.h"

/* The widest last; `count` gets how many there are. */
const struct kernels *const *usable_kernels(int *count);

#endif
