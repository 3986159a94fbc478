/* The sensor's clock: a timer of 1 MHz on the 32 MHz crystal, which is kept running, widened to 64 bits. */
#include "leg_board.h"

#include <zephyr/drivers/clock_control/nrf_clock_control.h>
#include <zephyr/drivers/counter.h>

static const struct device *const timer = DEVICE_DT_GET(DT_NODELABEL(timer3));
static struct k_spinlock lock;
static uint32_t upper, before;

int ticks_start(void)
{
    static struct onoff_client crystal;

    sys_notify_init_spinwait(&crystal.notify);
    if (onoff_request(z_nrf_clock_control_get_onoff(CLOCK_CONTROL_NRF_SUBSYS_HF), &crystal) < 0)
        return -EIO;
    return device_is_ready(timer) ? counter_start(timer) : -ENODEV;
}

/* Has to be called once in 71 minutes at least; sampling does so all the time. */
uint64_t ticks_now(void)
{
    k_spinlock_key_t key = k_spin_lock(&lock);
    uint32_t now = 0;
    uint64_t wide;

    (void)counter_get_value(timer, &now);
    upper += now < before;
    before = now;
    wide = (uint64_t)upper << 32 | now;
    k_spin_unlock(&lock, key);
    return wide;
}
