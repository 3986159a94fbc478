/* Battery, charger, button and light. Whatever is plugged in ends the streams: nobody may wear it then. */
#include "leg_board.h"

#include <hal/nrf_power.h>
#include <zephyr/bluetooth/services/bas.h>
#include <zephyr/drivers/adc.h>
#include <zephyr/drivers/gpio.h>

#define NODE DT_PATH(zephyr_user)
#define DIVIDER_TOTAL 1510 /* kOhm, 1000 above 510 (the board's circuit diagram) */
#define DIVIDER_BELOW 510
#define FULL_MV 4150
#define EMPTY_MV 3300
#define BLINK_MS 200
#define DEBOUNCE_MS 50

static const struct adc_dt_spec battery = ADC_DT_SPEC_GET(NODE);
static const struct gpio_dt_spec divider = GPIO_DT_SPEC_GET(NODE, divider_gpios);
static const struct gpio_dt_spec button = GPIO_DT_SPEC_GET(NODE, button_gpios);
static const struct gpio_dt_spec led = GPIO_DT_SPEC_GET(NODE, led_gpios);
static struct gpio_callback button_callback;
static int n_blinks, n_presses;
static bool pressed;

static void blink(struct k_work *work)
{
    gpio_pin_toggle_dt(&led);
    if (--n_blinks > 0)
        k_work_reschedule(k_work_delayable_from_work(work), K_MSEC(BLINK_MS));
    else
        gpio_pin_set_dt(&led, 0);
}
static K_WORK_DELAYABLE_DEFINE(blinking, blink);

static void button_settled(struct k_work *work)
{
    bool down = gpio_pin_get_dt(&button) > 0;

    ARG_UNUSED(work);
    if (down == pressed)
        return;
    pressed = down;
    n_presses += down;
    k_mutex_lock(&sensor_lock, K_FOREVER);
    lsp_raise(&sensor, ticks_now(), down ? LSP_PRESS_EVENT : LSP_RELEASE_EVENT, n_presses);
    k_mutex_unlock(&sensor_lock);
    gatt_wake();
}
static K_WORK_DELAYABLE_DEFINE(settling, button_settled);

static void button_changed(const struct device *port, struct gpio_callback *callback, uint32_t pins)
{
    ARG_UNUSED(port);
    ARG_UNUSED(callback);
    ARG_UNUSED(pins);
    k_work_reschedule(&settling, K_MSEC(DEBOUNCE_MS));
}

bool power_plugged_in(void)
{
    return nrf_power_usbregstatus_vbusdet_get(NRF_POWER);
}

void power_blink(void)
{
    n_blinks = 10;
    k_work_reschedule(&blinking, K_NO_WAIT);
}

void power_measure(void)
{
    int16_t raw = 0;
    int32_t millivolt;
    struct adc_sequence sequence = {.buffer = &raw, .buffer_size = sizeof raw};

    (void)adc_sequence_init_dt(&battery, &sequence);
    if (adc_read_dt(&battery, &sequence))
        return;
    millivolt = raw;
    if (adc_raw_to_millivolts_dt(&battery, &millivolt))
        return;
    millivolt = millivolt * DIVIDER_TOTAL / DIVIDER_BELOW;
    k_mutex_lock(&sensor_lock, K_FOREVER);
    lsp_set_battery(&sensor, ticks_now(), (uint16_t)CLAMP(millivolt, 0, UINT16_MAX), power_plugged_in());
    if (power_plugged_in() && lsp_streaming(&sensor))
        lsp_stop(&sensor);
    k_mutex_unlock(&sensor_lock);
    (void)bt_bas_set_battery_level((uint8_t)CLAMP((millivolt - EMPTY_MV) * 100 / (FULL_MV - EMPTY_MV), 0, 100));
}

int power_start(void)
{
    int error = adc_is_ready_dt(&battery) ? adc_channel_setup_dt(&battery) : -ENODEV;

    error = error ? error : gpio_pin_configure_dt(&divider, GPIO_OUTPUT_ACTIVE);
    error = error ? error : gpio_pin_configure_dt(&led, GPIO_OUTPUT_INACTIVE);
    error = error ? error : gpio_pin_configure_dt(&button, GPIO_INPUT);
    error = error ? error : gpio_pin_interrupt_configure_dt(&button, GPIO_INT_EDGE_BOTH);
    gpio_init_callback(&button_callback, button_changed, BIT(button.pin));
    return error ? error : gpio_add_callback(button.port, &button_callback);
}
