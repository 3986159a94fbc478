"""Names of what is measured, each with its unit, in words as the schema of InfluxDB takes them."""

from __future__ import annotations

# What the detectors of this version measure; a test compares with a simulated hour.
EVENT_MEASURES = (
    # the person's own word: 1 it was one, 0 it was none, -1 the word was taken back
    "confirmed "
    # any event
    "peak_uv mean_uv median_uv p95_uv area_uv_s resting_uv ratio lf_hf line_ratio rise_ratio band_low_hz band_high_hz "
    "peak_g resting_g orientation_change_deg n_missing n uncertain low "
    # leg movements and their series
    "clm plm_wasm plm_aasm bilateral moved moved_peak_g in_train in_cramp with_activation "
    # cramp-like contractions, weak activity and possible episodes
    "confidence tier duty modulation profile rhythm_share rhythm_prominence rhythm_depth n_bouts longest_bout_s "
    "muscle_ratio common_mode after_twitches followed until_quiet_s quiet_before_s held_s tremor_s turn_deg "
    "with_cramp term_duration term_amplitude term_profile term_stationarity term_cleanliness term_rest_before "
    "term_consequence term_muscle term_twitches term_upright term_bursts term_held term_tremor "
    # twitches, trains and clonus
    "peak_to_peak_uv n_potentials noise_uv transient width_s width_class rate_hz n_bursts burst_s regularity anchor_s "
    "peak_cv hft hflm alternating alma "
    # turns, restlessness, standing, walking and awakenings
    "major both_legs prolonged emg_active_s steps continued tilt_deg cadence_hz upright_s long uncertain_share "
    # sensors that are not worn and electrodes that are off
    "sd_g range_g handling_deg electrode_off_share respiration_ratio pulse_ratio"
)
EPOCH_MEASURES = (
    "valid_s quality_class envelope_mean_uv envelope_max_uv resting_uv line_ratio movement_mean_g movement_max_g "
    "tilt_deg"
)
HEALTH_MEASURES = (
    "battery_pct battery_mv count queue_pct temperature_c n_dropped lead_off away_s is_over "
    # a minute of battery and link
    "minute_s linked_share n_expected n_received n_lost_air n_duplicate n_malformed n_late n_lead_off n_device "
    "notifications_per_s longest_silence_s rssi_dbm n_lost_device n_lost_reconnect n_lost_malformed "
    # its clock: by how much its second is longer than the computer's, and how far packets scatter about that
    "clock_ppm clock_spread_ms"
)
NIGHT_MEASURES = (
    "valid_h good_h one_leg truncated lm clm plm_wasm plm_aasm plm_series plm_series_mean_n lm_per_h clm_per_h "
    "plms_wasm_per_h plms_aasm_per_h plmw_wasm_per_h silms_per_h isolms_per_h plms_wasm_per_h_est plms_aasm_per_h_est "
    "plmw_wasm_per_h_est silms_per_h_est isolms_per_h_est periodicity_index imi_mode_s log_imi_mean log_imi_sd "
    "bilateral_percent moved_share with_activation_share "
    "cramp_events cramp_probable cramp_possible cramp_total_s cramp_longest_s possible_episodes cramps_then_awake_est "
    "awake_after_cramps_est_min "
    "series_then_awake_est tib_est_h spt_est_h tst_est_h se_est_percent sol_est_min waso_est_min awakenings_est "
    "awakenings_5min_est longest_undisturbed_min plms_half_night_ratio plms_half_night_ratio_est "
    "movement_index_percent movement_index_percent_est fragmentation_index fragmentation_index_est "
    "restlessness_per_h restlessness_per_h_est restlessness shifts shifts_major bed_exits brief_jerks "
    "sleep_unknown_est_min uncertain_share_est tst_uncleaned_est_h rhythmic_trains clonus tonic tonic_low twitches "
    "twitch_clusters twitches_per_quiet_min transients both_legs_h still_h leg_vertical_h resting_mismatch_min"
)
DELIVERY_MEASURES = (
    # of a collector's outbox
    "n_waiting oldest_s n_set_aside waiting_mb "
    # of a writer, since its last report
    "since_s n_entries n_refused n_unreadable lag_p50_s lag_p99_s"
)
