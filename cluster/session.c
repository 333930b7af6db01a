/*
 * This node's session: one command of our own at a time, the most urgent one.
 *
 *   loop thread    tick()      what is to be said? propose it
 *   apply thread   answered()  note what came of it, wake the loop
 *
 * Until the session is open nothing else that this node proposes is sent. A
 * command that failed is said again after SESSION_RETRY_MS: opening twice is
 * harmless, a block of numbers that was reserved but not heard of is lost,
 * which 64 bits can bear, and a file may be released twice.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/session.h"
#include "store/base/check.h"

static void tick(struct session *session) ON_LOOP;
static bool choose(struct session *session, struct command *command) ON_LOOP;
static void answered(struct proposal *p, int status,
		     const struct command_result *result);
static void wake_loop(struct session *session);

void session_init(struct session *session, const struct session_config *config)
{
	memset(session, 0, sizeof(*session));
	session->loop = config->loop;
	session->propose = config->propose;
	session->logger = config->logger;
	session->open_cb = config->open_cb;
	session->ctx = config->ctx;
	session->proposal.cb = answered;
	session->proposal.command.node_id = config->node_id;
	session->release_data =
		check_malloc(COMMAND_RELEASE_MAX * sizeof(uint64_t));
	mutex_init(&session->lock);
	CHECK(uv_timer_init(&session->loop->uv, &session->timer) == 0);
	session->timer.data = session;
}

static void timer_cb(uv_timer_t *timer)
{
	struct session *session = timer->data;

	assert_on_loop();
	mutex_lock(&session->lock);
	session->failed = false;
	mutex_unlock(&session->lock);
	tick(session);
}

static void start_timer(struct session *session, uint64_t delay_ms)
{
	if (!uv_is_active((uv_handle_t *)&session->timer)) {
		CHECK(uv_timer_start(&session->timer, timer_cb, delay_ms, 0) ==
		      0);
	}
}

static void wake_cb(struct loop_task *task)
{
	struct session *session = CONTAINER_OF(task, struct session, wake);
	bool failed;
	bool urgent;

	assert_on_loop();
	mutex_lock(&session->lock);
	session->wake_posted = false;
	failed = session->failed;
	urgent = !session->open || session->spare.next == session->spare.end ||
		 session->release_n >= COMMAND_RELEASE_MAX;
	session->propose->session_open = session->open;
	mutex_unlock(&session->lock);
	if (session->closing) {
		return;
	}
	if (failed) {
		start_timer(session, SESSION_RETRY_MS);
	} else if (urgent) {
		tick(session);
	} else {
		start_timer(session, SESSION_RELEASE_MS);
	}
}

void session_start(struct session *session)
{
	tick(session);
}

static void tick(struct session *session)
{
	struct proposal *p = &session->proposal;

	if (!session->closing && choose(session, &p->command)) {
		propose_add(session->propose, p, uv_now(&session->loop->uv));
	}
}

/* What to say now; false if nothing, or something is under way. */
static bool choose(struct session *session, struct command *command)
{
	size_t n;
	size_t i;

	mutex_lock(&session->lock);
	n = session->release_n < COMMAND_RELEASE_MAX ? session->release_n
						     : COMMAND_RELEASE_MAX;
	command->data_len = 0;
	if (session->busy || session->failed) {
		mutex_unlock(&session->lock);
		return false;
	}
	session->busy = true;
	if (!session->open) {
		command->type = COMMAND_SESSION_OPEN;
	} else if (session->spare.next == session->spare.end) {
		command->type = COMMAND_INO_RESERVE;
		command->count = SESSION_STOCK;
	} else if (n > 0) {
		command->type = COMMAND_RELEASE;
		for (i = 0; i < n; i++) {
			uint64_t ino = htole64(session->release[i]);

			memcpy(session->release_data + 8 * i, &ino, 8);
		}
		command->data = session->release_data;
		command->data_len = (uint32_t)(8 * n);
	} else {
		session->busy = false;
	}
	n = session->busy ? 1 : 0;
	mutex_unlock(&session->lock);
	return n > 0;
}

/* The command had its effect. Returns true if the session is open now. */
static bool note_success(struct session *session,
			 const struct command_result *result)
{
	const struct command *command = &session->proposal.command;
	size_t n = command->data_len / 8;
	bool first;

	switch (command->type) {
	case COMMAND_SESSION_OPEN:
		session->open = true;
		return false;
	case COMMAND_INO_RESERVE:
		first = session->stock.end == 0;
		session->spare.next = result->value;
		session->spare.end = result->value + command->count;
		if (first) {
			session->stock = session->spare;
			session->spare = (struct session_range){0};
		}
		return first;
	default:
		CHECK(command->type == COMMAND_RELEASE);
		session->release_n -= n;
		memmove(session->release, session->release + n,
			session->release_n * sizeof(session->release[0]));
		return false;
	}
}

static void answered(struct proposal *p, int status,
		     const struct command_result *result)
{
	struct session *session = CONTAINER_OF(p, struct session, proposal);
	bool opened = false;
	bool more;

	if (status == 0 && result->verdict != 0) {
		logger_event(session->logger, LOGGER_WARNING,
			     "session-command-refused", "type=%d verdict=%d",
			     p->command.type, result->verdict);
		status = result->verdict;
	}
	mutex_lock(&session->lock);
	session->busy = false;
	session->failed = status != 0;
	if (status == 0) {
		opened = note_success(session, result);
	}
	more = session->failed || session->release_n > 0 ||
	       session->spare.next == session->spare.end;
	mutex_unlock(&session->lock);
	if (opened) {
		session->open_cb(session->ctx);
	}
	if (more) {
		wake_loop(session);
	}
}

static void wake_loop(struct session *session)
{
	bool post;

	mutex_lock(&session->lock);
	post = !session->wake_posted;
	session->wake_posted = true;
	mutex_unlock(&session->lock);
	if (post) {
		loop_post(session->loop, &session->wake, wake_cb);
	}
}

void session_stop(struct session *session)
{
	session->closing = true;
	uv_close((uv_handle_t *)&session->timer, NULL);
}

void session_fini(struct session *session)
{
	free(session->release);
	free(session->release_data);
	mutex_fini(&session->lock);
}

uint64_t session_take_ino(struct session *session)
{
	uint64_t ino = 0;
	bool low = false;

	mutex_lock(&session->lock);
	if (session->stock.next == session->stock.end) {
		session->stock = session->spare;
		session->spare = (struct session_range){0};
		low = true;
	}
	if (session->stock.next < session->stock.end) {
		ino = session->stock.next++;
	}
	low = low && session->open && !session->busy;
	mutex_unlock(&session->lock);
	if (low) {
		wake_loop(session);
	}
	return ino;
}

void session_release(struct session *session, uint64_t ino)
{
	bool first;

	mutex_lock(&session->lock);
	if (session->release_n == session->release_size) {
		session->release_size = session->release_size * 2 + 64;
		session->release = check_realloc(
			session->release,
			session->release_size * sizeof(session->release[0]));
	}
	session->release[session->release_n++] = ino;
	first = session->release_n == 1 ||
		session->release_n == COMMAND_RELEASE_MAX;
	mutex_unlock(&session->lock);
	if (first) {
		wake_loop(session);
	}
}
