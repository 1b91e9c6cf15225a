#define _GNU_SOURCE
#include "CEventPolling.h"

#include <pthread.h>

void ceventpolling_name_this_thread(const char *name) { pthread_setname_np(pthread_self(), name); }
