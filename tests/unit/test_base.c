/* store/base: cursors over bytes, error texts, levels, thread roles. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/base/bytes.h"
#include "store/base/err.h"
#include "store/base/logger.h"
#include "store/base/thread.h"

static void integers_are_little_endian(void **state)
{
	static const uint8_t want[] = {1,    3,    2,    7,    6,    5, 4, 0x0f,
				       0x0e, 0x0d, 0x0c, 0x0b, 0x0a, 9, 8};
	uint8_t buf[sizeof(want)];
	struct bytes_writer w = bytes_writer_init(buf, sizeof(buf));
	struct bytes_reader r = bytes_reader_init(buf, sizeof(buf));

	(void)state;
	bytes_put_u8(&w, 1);
	bytes_put_u16(&w, 0x0203);
	bytes_put_u32(&w, 0x04050607);
	bytes_put_u64(&w, 0x08090a0b0c0d0e0f);
	assert_false(w.failed);
	assert_int_equal(w.left, 0);
	assert_memory_equal(buf, want, sizeof(want));

	assert_int_equal(bytes_get_u8(&r), 1);
	assert_int_equal(bytes_get_u16(&r), 0x0203);
	assert_int_equal(bytes_get_u32(&r), 0x04050607);
	assert_int_equal(bytes_get_u64(&r), 0x08090a0b0c0d0e0f);
	assert_false(r.failed);
	assert_int_equal(r.left, 0);
}

static void a_cursor_never_passes_its_end(void **state)
{
	uint8_t buf[4] = {1, 2, 3, 4};
	struct bytes_writer w = bytes_writer_init(buf, 3);
	struct bytes_reader r = bytes_reader_init(buf, 3);

	(void)state;
	bytes_put_u32(&w, 0xffffffff);
	assert_true(w.failed);
	assert_int_equal(buf[0], 1);
	bytes_put_u8(&w, 9); /* A failed cursor stays failed. */
	assert_int_equal(buf[0], 1);

	assert_int_equal(bytes_get_u32(&r), 0);
	assert_true(r.failed);
	assert_null(bytes_get(&r, 1));
}

static void big_endian_keys_sort_as_their_numbers(void **state)
{
	uint8_t a[8];
	uint8_t b[8];

	(void)state;
	bytes_put_be64(a, 0xff);
	bytes_put_be64(b, 0x100);
	assert_true(memcmp(a, b, 8) < 0);
	assert_int_equal(bytes_get_be64(b), 0x100);
}

static void an_error_text_is_cut_not_overrun(void **state)
{
	char text[2 * ERR_TEXT_MAX];
	struct err err;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&err, ERR_EXIT_CORRUPT, "%s", text);
	assert_int_equal(err.exit_status, ERR_EXIT_CORRUPT);
	assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
	err_set(NULL, ERR_EXIT_FAILURE, "nobody wants to know");
}

static void a_log_line_has_one_line(void **state)
{
	char line[2048];
	struct logger logger = {.level = LOGGER_INFO};
	ssize_t n;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	logger.fd = fds[1];
	logger_event(&logger, LOGGER_DEBUG, "left-out", "%s", "");
	logger_event(&logger, LOGGER_INFO, "node-started", "name=%s",
		     "a\nb\033c");
	n = read(fds[0], line, sizeof(line) - 1);
	assert_true(n > 0);
	line[n] = '\0';
	assert_non_null(strstr(line, "Z info node-started name=a?b?c\n"));
	assert_int_equal(strcspn(line, "\n"), (size_t)n - 1);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void levels_have_names(void **state)
{
	enum logger_level level = LOGGER_ERROR;

	(void)state;
	assert_int_equal(logger_level_parse("debug", &level), 0);
	assert_int_equal(level, LOGGER_DEBUG);
	assert_int_equal(logger_level_parse("loud", &level), -EINVAL);
	assert_int_equal(level, LOGGER_DEBUG);
}

static void *become_loop(void *arg)
{
	(void)arg;
	thread_become_loop();
	assert_on_loop();
	return NULL;
}

static void a_role_belongs_to_its_thread(void **state)
{
	pthread_t thread;

	(void)state;
	thread_become_apply();
	assert_int_equal(thread_start(&thread, "loop", become_loop, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_on_apply();
}

static void a_wait_ends_at_its_deadline(void **state)
{
	struct mutex mutex;
	struct cond cond;
	uint64_t start = clock_ms();

	(void)state;
	mutex_init(&mutex);
	cond_init(&cond);
	mutex_lock(&mutex);
	assert_int_equal(cond_wait_until(&cond, &mutex, start + 20),
			 -ETIMEDOUT);
	mutex_unlock(&mutex);
	assert_true(clock_ms() >= start + 20);
	cond_fini(&cond);
	mutex_fini(&mutex);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_are_little_endian),
		cmocka_unit_test(a_cursor_never_passes_its_end),
		cmocka_unit_test(big_endian_keys_sort_as_their_numbers),
		cmocka_unit_test(an_error_text_is_cut_not_overrun),
		cmocka_unit_test(a_log_line_has_one_line),
		cmocka_unit_test(levels_have_names),
		cmocka_unit_test(a_role_belongs_to_its_thread),
		cmocka_unit_test(a_wait_ends_at_its_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
