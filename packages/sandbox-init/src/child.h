/* The way from fork to execve. */
#ifndef FUMEHOOD_CHILD_H
#define FUMEHOOD_CHILD_H

#include "exec-request.h"

/* The descriptors that the child is made of; all above 2. */
struct child_files {
    int input;
    int output;
    int error_output;
    /* Written to when the command can't be executed; closed by execve when it can. */
    int report;
    int workspace;
};

enum child_stage { STAGE_FILES, STAGE_DIRECTORY, STAGE_LIMITS, STAGE_PROGRAM };

/* Why the command did not begin. */
struct child_report {
    enum child_stage stage;
    int error;
};

_Noreturn void child_execute(const struct exec_request *request, const struct child_files *files);

#endif
