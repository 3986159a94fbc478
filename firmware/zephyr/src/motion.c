/* LSM6DS3TR-C on the board: acceleration, read when the EMG's clock asks for it, so both streams have one clock. */
#include "leg_board.h"

#include <zephyr/drivers/sensor.h>

#define AXES 3
#define STEPS_PER_G 8192
#define MICRO_PER_G 9806650 /* micro m/s2 */
#define LATE_SAMPLES 8

static const struct device *const chip = DEVICE_DT_GET_ONE(st_lsm6dsl);
K_MSGQ_DEFINE(asked, sizeof(uint64_t), LATE_SAMPLES, 8);
static atomic_t n_missed;
static K_THREAD_STACK_DEFINE(stack, 2048);
static struct k_thread thread;

void motion_sample(uint64_t tick, uint32_t n_skipped)
{
    atomic_add(&n_missed, (atomic_val_t)n_skipped);
    if (k_msgq_put(&asked, &tick, K_NO_WAIT))
        atomic_inc(&n_missed);
}

static int32_t steps(const struct sensor_value *value)
{
    return (int32_t)(sensor_value_to_micro(value) * STEPS_PER_G / MICRO_PER_G);
}

static void sample(void *first, void *second, void *third)
{
    ARG_UNUSED(first);
    ARG_UNUSED(second);
    ARG_UNUSED(third);
    for (;;) {
        struct sensor_value read[AXES];
        int32_t values[AXES];
        uint64_t tick;
        int error, axis;

        k_msgq_get(&asked, &tick, K_FOREVER);
        error = sensor_sample_fetch_chan(chip, SENSOR_CHAN_ACCEL_XYZ);
        error = error ? error : sensor_channel_get(chip, SENSOR_CHAN_ACCEL_XYZ, read);
        if (error) {
            atomic_inc(&n_missed);
            continue;
        }
        for (axis = 0; axis < AXES; axis++)
            values[axis] = steps(&read[axis]);
        k_mutex_lock(&sensor_lock, K_FOREVER);
        lsp_missed(&sensor, STREAM_ACC, (uint32_t)atomic_clear(&n_missed));
        lsp_put(&sensor, STREAM_ACC, tick, values, 1);
        k_mutex_unlock(&sensor_lock);
    }
}

int motion_start(void)
{
    if (!device_is_ready(chip))
        return -ENODEV;
    k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), sample, NULL, NULL, NULL, K_PRIO_PREEMPT(0), 0, K_NO_WAIT);
    return 0;
}
