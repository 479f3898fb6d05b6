/*
 * Memory kept back while a job runs, and given up when it has ended. The workspace is memory of the same cgroup: a job can
 * fill all of it and end, and then the OOM killer finds nobody but init when the output or an artifact needs a page.
 */
#ifndef FUMEHOOD_RESERVE_H
#define FUMEHOOD_RESERVE_H

void reserve_take(void);
void reserve_give_up(void);

#endif
