// Counts how often heap memory is allocated, for tests of code that must not.

#ifndef ALLOCATION_COUNTING_H
#define ALLOCATION_COUNTING_H

// Whether allocations can be counted: in programs linked to glibc that no sanitizer watches.
int allocation_counting_is_possible(void);

// Begins to count the allocations of all threads, from 0.
void allocation_counting_begin(void);

// Stops counting and returns how many there were.
long allocation_counting_end(void);

#endif
