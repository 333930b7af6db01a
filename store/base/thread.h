/*
 * Threads: who may call what, in a form that the compiler checks.
 *
 * Some threads of a node own things alone: the loop thread owns raft, sockets
 * and timers; the apply thread all writing to the store; the log writer all
 * writing to the log. A prototype marked ON_LOOP may be called from the loop
 * thread only; clang -Wthread-safety refuses other calls, and assert_on_loop()
 * as the first statement of a callback tells it (and checks) that a library
 * calls us on the right side. OFF_LOOP may block and so must not be called
 * from the loop. ANY_THREAD is documentation.
 *
 * The same analysis needs to know about mutexes, hence struct mutex.
 */
#pragma once

#include <pthread.h>
#include <stdint.h>

#if defined(__clang__)
#define THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define THREAD_ATTRIBUTE(x)
#endif

/* A thread of this role; the objects exist for the analysis alone. */
struct THREAD_ATTRIBUTE(capability("thread")) thread_role {
	char unused;
};

extern struct thread_role thread_role_loop;
extern struct thread_role thread_role_apply;
extern struct thread_role thread_role_log_writer;

#define ON_LOOP  THREAD_ATTRIBUTE(requires_capability(thread_role_loop))
#define ON_APPLY THREAD_ATTRIBUTE(requires_capability(thread_role_apply))
#define ON_LOG_WRITER                                                          \
	THREAD_ATTRIBUTE(requires_capability(thread_role_log_writer))
#define OFF_LOOP THREAD_ATTRIBUTE(locks_excluded(thread_role_loop))
#define ANY_THREAD

#define OWNED_BY_LOOP       THREAD_ATTRIBUTE(guarded_by(thread_role_loop))
#define OWNED_BY_APPLY      THREAD_ATTRIBUTE(guarded_by(thread_role_apply))
#define OWNED_BY_LOG_WRITER THREAD_ATTRIBUTE(guarded_by(thread_role_log_writer))
/* A member guarded by another member: clang 14 cannot check that in C. */
#define GUARDED_BY(m)
#define REQUIRES(m) THREAD_ATTRIBUTE(requires_capability(m))

/*
 * Say what the calling thread is; a thread has one role, the last one said.
 * (A test may be all of them in turn.)
 */
void thread_become_loop(void)
	THREAD_ATTRIBUTE(assert_capability(thread_role_loop));
void thread_become_apply(void)
	THREAD_ATTRIBUTE(assert_capability(thread_role_apply));
void thread_become_log_writer(void)
	THREAD_ATTRIBUTE(assert_capability(thread_role_log_writer));

/* CHECK that the calling thread is what it must be. */
void assert_on_loop(void) THREAD_ATTRIBUTE(assert_capability(thread_role_loop));
void assert_on_apply(void)
	THREAD_ATTRIBUTE(assert_capability(thread_role_apply));
void assert_on_log_writer(void)
	THREAD_ATTRIBUTE(assert_capability(thread_role_log_writer));

/*
 * Starts a thread that runs fn(arg), with all signals blocked. `name` is at
 * most 15 bytes and shows in ps and top. The caller joins it.
 * Errors: -EAGAIN no resources for another thread.
 */
int thread_start(pthread_t *out, const char *name, void *(*fn)(void *),
		 void *arg);

struct THREAD_ATTRIBUTE(capability("mutex")) mutex {
	pthread_mutex_t m;
};

void mutex_init(struct mutex *mutex);
void mutex_fini(struct mutex *mutex);
void mutex_lock(struct mutex *mutex)
	THREAD_ATTRIBUTE(acquire_capability(*mutex));
void mutex_unlock(struct mutex *mutex)
	THREAD_ATTRIBUTE(release_capability(*mutex));

/* A condition variable whose deadlines are CLOCK_MONOTONIC. */
struct cond {
	pthread_cond_t c;
};

void cond_init(struct cond *cond);
void cond_fini(struct cond *cond);
void cond_signal(struct cond *cond);
void cond_broadcast(struct cond *cond);
void cond_wait(struct cond *cond, struct mutex *mutex) REQUIRES(*mutex);

/*
 * Waits until signalled or until clock_ms() reaches deadline_ms.
 * Errors: -ETIMEDOUT the deadline came first.
 */
int cond_wait_until(struct cond *cond, struct mutex *mutex,
		    uint64_t deadline_ms) REQUIRES(*mutex);

/* CLOCK_MONOTONIC in milliseconds. */
uint64_t clock_ms(void);
