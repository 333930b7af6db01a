/*
 * Thread roles, and pthreads as the analysis of clang wants to see them. What
 * pthreads refuses here is a mistake of ours, so it is CHECKed.
 * Thread: any.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "store/base/check.h"
#include "store/base/thread.h"

/* The annotations tell clang what pthreads does; it cannot see it itself. */
#define NOT_ANALYSED THREAD_ATTRIBUTE(no_thread_safety_analysis)

struct thread_role thread_role_loop;
struct thread_role thread_role_apply;
struct thread_role thread_role_log_writer;

static _Thread_local const struct thread_role *my_role;

NOT_ANALYSED void thread_become_loop(void)
{
	my_role = &thread_role_loop;
}

NOT_ANALYSED void thread_become_apply(void)
{
	my_role = &thread_role_apply;
}

NOT_ANALYSED void thread_become_log_writer(void)
{
	my_role = &thread_role_log_writer;
}

NOT_ANALYSED void assert_on_loop(void)
{
	CHECK(my_role == &thread_role_loop);
}

NOT_ANALYSED void assert_on_apply(void)
{
	CHECK(my_role == &thread_role_apply);
}

NOT_ANALYSED void assert_on_log_writer(void)
{
	CHECK(my_role == &thread_role_log_writer);
}

int thread_start(pthread_t *out, const char *name, void *(*fn)(void *),
		 void *arg)
{
	sigset_t all;
	sigset_t before;
	int rv;

	CHECK(strlen(name) < 16);
	(void)sigfillset(&all);
	CHECK(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
	rv = pthread_create(out, NULL, fn, arg);
	CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
	if (rv != 0) {
		return -rv;
	}
	(void)pthread_setname_np(*out, name);
	return 0;
}

void mutex_init(struct mutex *mutex)
{
	CHECK(pthread_mutex_init(&mutex->m, NULL) == 0);
}

void mutex_fini(struct mutex *mutex)
{
	CHECK(pthread_mutex_destroy(&mutex->m) == 0);
}

NOT_ANALYSED void mutex_lock(struct mutex *mutex)
{
	CHECK(pthread_mutex_lock(&mutex->m) == 0);
}

NOT_ANALYSED void mutex_unlock(struct mutex *mutex)
{
	CHECK(pthread_mutex_unlock(&mutex->m) == 0);
}

void cond_init(struct cond *cond)
{
	pthread_condattr_t attr;

	CHECK(pthread_condattr_init(&attr) == 0);
	CHECK(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	CHECK(pthread_cond_init(&cond->c, &attr) == 0);
	(void)pthread_condattr_destroy(&attr);
}

void cond_fini(struct cond *cond)
{
	CHECK(pthread_cond_destroy(&cond->c) == 0);
}

void cond_signal(struct cond *cond)
{
	CHECK(pthread_cond_signal(&cond->c) == 0);
}

void cond_broadcast(struct cond *cond)
{
	CHECK(pthread_cond_broadcast(&cond->c) == 0);
}

void cond_wait(struct cond *cond, struct mutex *mutex)
{
	CHECK(pthread_cond_wait(&cond->c, &mutex->m) == 0);
}

int cond_wait_until(struct cond *cond, struct mutex *mutex,
		    uint64_t deadline_ms)
{
	struct timespec at = {
		.tv_sec = (time_t)(deadline_ms / 1000),
		.tv_nsec = (long)(deadline_ms % 1000) * 1000000,
	};
	int rv = pthread_cond_timedwait(&cond->c, &mutex->m, &at);

	CHECK(rv == 0 || rv == ETIMEDOUT);
	return -rv;
}

uint64_t clock_ms(void)
{
	struct timespec now;

	CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
