#ifndef CEVENTPOLLING_H
#define CEVENTPOLLING_H

#include <sys/epoll.h>
#include <sys/eventfd.h>

/// At most 15 bytes; Swift's Glibc lacks the GNU extension behind it.
void ceventpolling_name_this_thread(const char *name);

#endif
