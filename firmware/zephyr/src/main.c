/* A leg sensor: what it is, what it does when it is asked, and the order in which its parts begin. */
#include "leg_board.h"

#include <zephyr/drivers/hwinfo.h>
#include <zephyr/random/random.h>
#include <zephyr/sys/reboot.h>

#define RING_S 30
#define EMG_CHANNELS 2
#define ACC_CHANNELS 3
#define RING_BYTES(rate_mhz, channels, bytes) (((rate_mhz) / 1000 + 1) * RING_S * (channels) * (bytes))
#define REBOOT_AFTER_MS 500

struct lsp_sensor sensor;
K_MUTEX_DEFINE(sensor_lock);

/* 30 s in 16 bits are 20 s in 24. */
static uint8_t emg_ring[RING_BYTES(EMG_RATE_MHZ, EMG_CHANNELS, 2)];
static uint8_t acc_ring[RING_BYTES(ACC_RATE_MHZ, ACC_CHANNELS, 2)];

static const struct lsp_stream STREAMS[] = {
    {.descriptor = {.id = STREAM_EMG, .kind = LSP_EMG, .channels = EMG_CHANNELS, .format = LSP_I16,
                    .rate_mhz = EMG_RATE_MHZ, .scale = 0.1f, .unit = LSP_MICROVOLT, .samples_per_packet = 50,
                    .adc_bits = 24, .flags = LSP_HIGH_PASS_ON | LSP_LEAD_OFF_CAPABLE, .high_pass_chz = 486,
                    .low_pass_hz = 256},
     .period = {EMG_PERIOD_TICKS, 1}, .storage = emg_ring, .storage_bytes = sizeof emg_ring},
    {.descriptor = {.id = STREAM_ACC, .kind = LSP_ACC, .channels = ACC_CHANNELS, .format = LSP_I16,
                    .rate_mhz = ACC_RATE_MHZ, .scale = 1.0f / 8192.0f, .unit = LSP_G, .samples_per_packet = 10,
                    .adc_bits = 16, .low_pass_hz = 104},
     .period = {EMG_PERIOD_TICKS * EMG_PER_ACC, 1}, .storage = acc_ring, .storage_bytes = sizeof acc_ring},
};

static uint8_t start(void *context, uint16_t mask)
{
    ARG_UNUSED(context);
    ARG_UNUSED(mask);
    return power_plugged_in() ? LSP_WRONG_STATE : LSP_OK; /* never worn while it is plugged in */
}

static uint8_t set_rate(void *context, uint8_t stream, uint32_t rate_mhz, struct lsp_period *period)
{
    ARG_UNUSED(context);
    if (rate_mhz != STREAMS[stream].descriptor.rate_mhz)
        return LSP_UNSUPPORTED;
    *period = STREAMS[stream].period;
    return LSP_OK;
}

static uint8_t set_format(void *context, uint8_t stream, uint8_t format)
{
    ARG_UNUSED(context);
    return format == LSP_I16 || (stream == STREAM_EMG && format == LSP_I24) ? LSP_OK : LSP_UNSUPPORTED;
}

static uint8_t identify(void *context)
{
    ARG_UNUSED(context);
    power_blink();
    return LSP_OK;
}

static uint8_t set_conn(void *context, uint16_t interval, uint16_t latency, uint16_t timeout)
{
    ARG_UNUSED(context);
    gatt_set_connection(interval, latency, timeout);
    return LSP_OK;
}

static void reboot(struct k_work *work)
{
    ARG_UNUSED(work);
    sys_reboot(SYS_REBOOT_COLD);
}
static K_WORK_DELAYABLE_DEFINE(rebooting, reboot);

static uint8_t reset(void *context)
{
    ARG_UNUSED(context);
    k_work_schedule(&rebooting, K_MSEC(REBOOT_AFTER_MS)); /* after the answer */
    return LSP_OK;
}

int main(void)
{
    static const struct lsp_board BOARD = {.start = start, .set_rate = set_rate, .set_format = set_format,
                                           .identify = identify, .set_conn = set_conn, .reset = reset};
    struct lsp_identity identity = {.flags = LSP_CAN_RESEND | LSP_COMMON_CLOCK | LSP_HAS_BUTTON, .max_payload = 244,
                                    .accuracy_ppm = 40, .boot_id = sys_rand32_get()};

    (void)hwinfo_get_device_id((uint8_t *)&identity.device_uid, sizeof identity.device_uid);
    if (!lsp_init(&sensor, &identity, &BOARD, STREAMS, ARRAY_SIZE(STREAMS)))
        return -EINVAL;
    if (ticks_start() || power_start() || motion_start() || front_end_start() || gatt_start()) {
        (void)power_start();
        for (;;) { /* a light that blinks without an end: some part does not answer */
            power_blink();
            k_msleep(2500);
        }
    }
    return 0;
}
