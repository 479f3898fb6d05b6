/* FILE and FILE_DATA: the job's files, written before its first command. */
#ifndef FUMEHOOD_FILES_H
#define FUMEHOOD_FILES_H

#include <stdbool.h>

#include "payload.h"

void files_begin(int workspace, struct payload *payload);
void files_data(struct payload *payload);
/* Whether bytes of a file are still to come. */
bool files_are_unfinished(void);

#endif
