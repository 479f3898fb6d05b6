#include "reserve.h"

#include <stdint.h>
#include <sys/mman.h>

#include "outbox.h"

/* For the kernel: the pipe to the worker holds 64 KiB, and a walk opens directories. */
enum { PAGE_BYTES = 4096, RESERVE_BYTES = 48 * PAGE_BYTES };

static _Alignas(PAGE_BYTES) volatile uint8_t reserve[RESERVE_BYTES];

void reserve_take(void) {
    outbox_make_resident();
    for (int at = 0; at < RESERVE_BYTES; at += PAGE_BYTES) reserve[at] = 1;
}

void reserve_give_up(void) { madvise((void *)reserve, RESERVE_BYTES, MADV_DONTNEED); }
