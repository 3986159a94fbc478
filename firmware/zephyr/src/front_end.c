/*
 * ADS1292R: two channels of EMG, 24 bits, gain 12, with lead-off detection (datasheet SBAS502).
 *
 * The converter runs by our clock and says when a sample is there; a thread above all others reads it. What could not be
 * read in time is counted, never filled.
 */
#include "leg_board.h"

#include <zephyr/drivers/gpio.h>
#include <zephyr/drivers/pwm.h>
#include <zephyr/drivers/spi.h>
#include <zephyr/sys/byteorder.h>

#define NODE DT_NODELABEL(front_end)
#define CHANNELS 2
#define FRAME_BYTES 9 /* 24 bits of status, 24 of each channel */
#define CLOCK_NS 2000

enum command { WAKE_UP = 0x02, RESET = 0x06, START = 0x08, READ_CONTINUOUSLY = 0x10, STOP_READING = 0x11, READ = 0x20, WRITE = 0x40 };

static const uint8_t ID_REGISTER = 0x00, ID_ADS1292R = 0x73;
static const uint8_t SETTINGS[][2] = {
    {0x02, 0xE0}, /* CONFIG2: lead-off comparators and reference buffer on, 2.42 V */
    {0x01, 0x03}, /* CONFIG1: continuous, clock / 512 */
    {0x03, 0x10}, /* LOFF: 95 %, 6 nA, direct current */
    {0x04, 0x60}, /* CH1SET: gain 12, electrodes */
    {0x05, 0x60}, /* CH2SET: the same */
    {0x06, 0x2F}, /* RLD_SENS: reference electrode driven from all four */
    {0x07, 0x0F}, /* LOFF_SENS: all four */
    {0x09, 0x02}, /* RESP1: no respiration */
    {0x0A, 0x03}, /* RESP2: reference electrode at half the supply */
};
/* 2.42 V / 12 / (2^23 - 1) is 24.04 nV; a stored step is 100 nV. */
#define STEP_NUMERATOR 2404
#define STEP_DENOMINATOR 10000
#define MEAN_SHIFT 5   /* high-pass at rate / (2 pi 32) = 4.86 Hz: takes the electrodes' offset away */
#define FRACTION_BITS 8
#define FRACTION (1 << FRACTION_BITS)
#define OFF_SAMPLES 100 /* an electrode is off when it is for a tenth of a second */

static const struct spi_dt_spec bus = SPI_DT_SPEC_GET(NODE, SPI_WORD_SET(8) | SPI_MODE_CPHA, 0);
static const struct gpio_dt_spec drdy = GPIO_DT_SPEC_GET(NODE, drdy_gpios);
static const struct gpio_dt_spec start_pin = GPIO_DT_SPEC_GET(NODE, start_gpios);
static const struct gpio_dt_spec reset_pin = GPIO_DT_SPEC_GET(NODE, reset_gpios);
static const struct pwm_dt_spec clock_pin = PWM_DT_SPEC_GET(NODE);

static struct gpio_callback ready_callback;
static atomic_t n_ready;
static volatile uint64_t ready_tick;
static K_SEM_DEFINE(ready, 0, 1);
static K_THREAD_STACK_DEFINE(stack, 2048);
static struct k_thread thread;

static int transfer(const uint8_t *out, uint8_t *in, size_t length)
{
    const struct spi_buf sent = {.buf = (void *)out, .len = length}, received = {.buf = in, .len = length};
    const struct spi_buf_set tx = {.buffers = &sent, .count = 1}, rx = {.buffers = &received, .count = in ? 1 : 0};

    return spi_transceive_dt(&bus, &tx, &rx);
}

static int command(uint8_t what)
{
    int error = transfer(&what, NULL, 1);

    k_busy_wait(50);
    return error;
}

static int configure(void)
{
    uint8_t asked[3] = {READ | ID_REGISTER, 0, 0}, answered[3] = {0};
    size_t i;
    int error = command(STOP_READING);

    error = error ? error : transfer(asked, answered, sizeof asked);
    if (error || answered[2] != ID_ADS1292R)
        return error ? error : -ENODEV;
    for (i = 0; i < ARRAY_SIZE(SETTINGS) && !error; i++) {
        uint8_t write[3] = {WRITE | SETTINGS[i][0], 0, SETTINGS[i][1]};

        error = transfer(write, NULL, sizeof write);
        k_busy_wait(50);
    }
    return error ? error : command(READ_CONTINUOUSLY);
}

static void is_ready(const struct device *port, struct gpio_callback *callback, uint32_t pins)
{
    ARG_UNUSED(port);
    ARG_UNUSED(callback);
    ARG_UNUSED(pins);
    ready_tick = ticks_now();
    atomic_inc(&n_ready);
    k_sem_give(&ready);
}

static int32_t signed_24(const uint8_t *in)
{
    return (int32_t)((uint32_t)sys_get_be24(in) << 8) >> 8;
}

/* The slow mean of a channel is its electrode's offset. */
static int32_t without_offset(int64_t *mean, int32_t raw)
{
    if (!*mean)
        *mean = (int64_t)raw * FRACTION;
    *mean += ((int64_t)raw * FRACTION - *mean) >> MEAN_SHIFT;
    return (int32_t)((raw - (*mean >> FRACTION_BITS)) * STEP_NUMERATOR / STEP_DENOMINATOR);
}

/* LOFF_STAT bits 0 to 3 are IN1P, IN1N, IN2P, IN2N; they follow 1100 at the head of a frame. */
static void note_lead_off(const uint8_t *frame, uint64_t tick)
{
    static uint8_t last, n_same;
    uint8_t off = (uint8_t)((frame[0] & 0x07) << 1 | frame[1] >> 7);

    n_same = off == last ? MIN(n_same + 1, OFF_SAMPLES) : 0;
    last = off;
    if (n_same == OFF_SAMPLES)
        lsp_set_lead_off(&sensor, tick, (uint8_t)((off & 1) | (off & 4) >> 1), (uint8_t)((off & 2) >> 1 | (off & 8) >> 2));
}

static void sample(void *first, void *second, void *third)
{
    static const uint8_t nothing[FRAME_BYTES];
    int64_t mean[CHANNELS] = {0};
    uint32_t n_read = 0;

    ARG_UNUSED(first);
    ARG_UNUSED(second);
    ARG_UNUSED(third);
    for (;;) {
        uint8_t frame[FRAME_BYTES];
        int32_t values[CHANNELS];
        uint32_t n_missed, n_now, n_due;
        uint64_t tick;

        k_sem_take(&ready, K_FOREVER);
        n_now = (uint32_t)atomic_get(&n_ready);
        tick = ready_tick;
        if (transfer(nothing, frame, sizeof frame))
            continue; /* counted as missed with the next one */
        n_missed = n_now - n_read - 1;
        n_read = n_now;
        values[0] = without_offset(&mean[0], signed_24(frame + 3));
        values[1] = without_offset(&mean[1], signed_24(frame + 6));
        k_mutex_lock(&sensor_lock, K_FOREVER);
        lsp_missed(&sensor, STREAM_EMG, n_missed);
        lsp_put(&sensor, STREAM_EMG, tick, values, 1);
        note_lead_off(frame, tick);
        k_mutex_unlock(&sensor_lock);
        n_due = n_now / EMG_PER_ACC - (n_now - 1 - n_missed) / EMG_PER_ACC;
        if (n_due)
            motion_sample(tick, n_due - 1);
        if (n_now % 32 == 0)
            gatt_wake();
    }
}

int front_end_start(void)
{
    int error = spi_is_ready_dt(&bus) && pwm_is_ready_dt(&clock_pin) ? 0 : -ENODEV;

    error = error ? error : pwm_set_dt(&clock_pin, CLOCK_NS, CLOCK_NS / 2);
    error = error ? error : gpio_pin_configure_dt(&drdy, GPIO_INPUT);
    error = error ? error : gpio_pin_configure_dt(&start_pin, GPIO_OUTPUT_INACTIVE);
    error = error ? error : gpio_pin_configure_dt(&reset_pin, GPIO_OUTPUT_ACTIVE);
    if (error)
        return error;
    k_msleep(2);
    gpio_pin_set_dt(&reset_pin, 0);
    k_msleep(1000); /* the reference settles */
    error = configure();
    if (error)
        return error;
    gpio_init_callback(&ready_callback, is_ready, BIT(drdy.pin));
    error = gpio_add_callback(drdy.port, &ready_callback);
    error = error ? error : gpio_pin_interrupt_configure_dt(&drdy, GPIO_INT_EDGE_TO_ACTIVE);
    if (error)
        return error;
    k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), sample, NULL, NULL, NULL, K_PRIO_COOP(2), 0, K_NO_WAIT);
    return gpio_pin_set_dt(&start_pin, 1);
}
