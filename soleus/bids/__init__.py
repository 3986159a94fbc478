"""Nights as a BIDS data set of surface EMG (Brain Imaging Data Structure 1.11, modality ``emg``)."""
