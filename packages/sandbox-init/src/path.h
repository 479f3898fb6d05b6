/* Paths in the workspace: what a good one is, and reaching its directory without following anything. */
#ifndef FUMEHOOD_PATH_H
#define FUMEHOOD_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "payload.h"

/*
 * What is wrong with a path, or NULL. A good path is relative, in normal form, printable UTF-8 without a backslash,
 * at most PATH_BYTES_MAX bytes long and PATH_DEPTH_MAX parts deep.
 */
const char *path_fault(struct text path);

/*
 * Opens a directory (O_PATH) that a faultless path, or the empty one, names under `root`; makes the missing ones when
 * `make` says so. Returns -1 and errno. Needs no openat2, which gVisor and older kernels lack: no part is `..`, and
 * each is opened with O_NOFOLLOW, so nothing leads outside.
 */
int path_open_directory(int root, struct text path, bool make);

/* The last part of a path; `directory` becomes what is before it, maybe empty. */
struct text path_split(struct text path, struct text *directory);

/* Copies a part of a path into `name` and ends it with a NUL. The part is at most NAME_BYTES_MAX long. */
void path_copy_name(char name[], struct text part);

#endif
