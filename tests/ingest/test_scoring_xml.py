"""Lists of scored events as XML: of the NSRR, of Profusion, and RML."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from detectors.events import Stage
from detectors.signal import NS_PER_S, Leg
from ingest.errors import DecodeError
from ingest.files.scorings import read_scoring

if TYPE_CHECKING:
    from pathlib import Path

NSRR = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<PSGAnnotation><SoftwareVersion>Compumedics</SoftwareVersion><EpochLength>30</EpochLength><ScoredEvents>
<ScoredEvent><EventType/><EventConcept>Recording Start Time</EventConcept><Start>0</Start><Duration>120.0</Duration>
<ClockTime>00.00.00 22.00.00</ClockTime></ScoredEvent>
<ScoredEvent><EventType>Stages|Stages</EventType><EventConcept>Wake|0</EventConcept><Start>0.0</Start>
<Duration>30.0</Duration></ScoredEvent>
<ScoredEvent><EventType>Stages|Stages</EventType><EventConcept>Stage 4 sleep|4</EventConcept><Start>30.0</Start>
<Duration>60.0</Duration></ScoredEvent>
<ScoredEvent><EventType>Stages|Stages</EventType><EventConcept>Unscored|9</EventConcept><Start>90.0</Start>
<Duration>30.0</Duration></ScoredEvent>
<ScoredEvent><EventType>Limb Movement|Limb Movement</EventType>
<EventConcept>Periodic leg movement - left|PLM (Left)</EventConcept><Start>31.1</Start>
<Duration>0.9</Duration></ScoredEvent>
<ScoredEvent><EventType>Limb Movement|Limb Movement</EventType><EventConcept>Limb movement|Limb Movement</EventConcept>
<Start>35.1</Start><Duration>1.0</Duration><SignalLocation>Leg/R</SignalLocation></ScoredEvent>
<ScoredEvent><EventType>Respiratory|Respiratory</EventType><EventConcept>Hypopnea|Hypopnea</EventConcept>
<Start>40</Start><Duration>12.5</Duration><SignalLocation>Airflow</SignalLocation></ScoredEvent>
<ScoredEvent><EventType>Respiratory|Respiratory</EventType>
<EventConcept>SpO2 desaturation|SpO2 desaturation</EventConcept>
<Start>45</Start><Duration>12.5</Duration></ScoredEvent>
<ScoredEvent><EventType>Arousals|Arousals</EventType><EventConcept>Arousal|Arousal ()</EventConcept><Start>52</Start>
<Duration>3</Duration></ScoredEvent></ScoredEvents></PSGAnnotation>"""
PROFUSION = """<?xml version="1.0"?><CMPStudyConfig><EpochLength>30</EpochLength><ScoredEvents>
<ScoredEvent><Name>PLM (Left)</Name><Start>31.1</Start><Duration>0.9</Duration><Input>Leg/L</Input></ScoredEvent>
<ScoredEvent><Name>Limb Movement (Right)</Name><Start>35.1</Start><Duration>1</Duration>
<Input>Leg/R</Input></ScoredEvent>
<ScoredEvent><Name>Hypopnea</Name><Start>40</Start><Duration>12.5</Duration><Input>Airflow</Input></ScoredEvent>
<ScoredEvent><Name>SpO2 desaturation|SpO2 desaturation</Name><Start>45</Start><Duration>12.5</Duration></ScoredEvent>
<ScoredEvent><Name>Arousal (ASDA)</Name><Start>52</Start><Duration>3</Duration><Input>EEG</Input></ScoredEvent>
</ScoredEvents><SleepStages><SleepStage>0</SleepStage><SleepStage>3</SleepStage><SleepStage>4</SleepStage>
<SleepStage>9</SleepStage></SleepStages></CMPStudyConfig>"""
RML = """<?xml version="1.0"?><PatientStudy xmlns="http://www.respironics.com/PatientStudy.xsd"><ScoringData>
<Events><Event Family="Limb" Type="LegMovementLeft" Start="31.1" Duration="0.9"/>
<Event Family="Limb" Type="LegMovement" Location="right" Start="35.1" Duration="1"/>
<Event Family="Respiratory" Type="Hypopnea" Start="40" Duration="12.5"/>
<Event Family="SpO2" Type="SpO2 desaturation|SpO2 desaturation" Start="45" Duration="12.5"/>
<Event Family="Neuro" Type="Arousal" Start="52" Duration="3"/></Events>
<StagingData><MachineStaging>
<NeuroAdultAASMStaging><Stage Type="REM" Start="0"/></NeuroAdultAASMStaging></MachineStaging>
<UserStaging><NeuroAdultAASMStaging><Stage Type="Wake" Start="0"/><Stage Type="NonREM3" Start="30"/>
<Stage Type="NotScored" Start="90"/></NeuroAdultAASMStaging></UserStaging></StagingData></ScoringData></PatientStudy>"""
BOMB = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<PSGAnnotation><ScoredEvents>&b;</ScoredEvents></PSGAnnotation>"""


@pytest.mark.parametrize("text", [NSRR, PROFUSION, RML])
def test_every_kind_of_xml_gives_the_same_events(text: str, tmp_path: Path) -> None:
    path = tmp_path / "night-nsrr.xml"
    path.write_text(text, encoding="utf-8")
    scored = read_scoring(path)
    assert [(m.onset_ns, m.end_ns - m.onset_ns, m.leg) for m in scored.movements] == [
        (31_100_000_000, 900_000_000, Leg.LEFT), (35_100_000_000, NS_PER_S, Leg.RIGHT),
    ]  # fmt: skip
    asleep = [span for span in scored.annotations.stages if span.stage is Stage.N3]
    assert scored.annotations.stages[0] == (0, 30 * NS_PER_S, Stage.WAKE)
    assert (asleep[0].onset_ns, asleep[-1].end_ns) == (30 * NS_PER_S, 90 * NS_PER_S)
    assert len(scored.annotations.stages) == 1 + len(asleep)
    assert scored.annotations.respiratory == ((40 * NS_PER_S, 52_500_000_000),)
    assert scored.annotations.arousals == ((52 * NS_PER_S, 55 * NS_PER_S),)
    assert scored.left_out == (("SpO2 desaturation|SpO2 desaturation", 1),)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BOMB, "is XML that is not read (EntitiesForbidden"),
        (NSRR[:900], "is no whole XML"),
        ("<?xml version='1.0'?><html/>", "is XML with the root 'html', expected PSGAnnotation"),
        (NSRR.replace("<Start>40<", "<Start>x<"), "ScoredEvent 7: Start is 'x', expected a number of seconds"),
        (NSRR.replace("UTF-8", "klingon"), "is "),
    ],
)
def test_xml_that_is_no_list_is_refused_in_one_line(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "list.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DecodeError) as caught:
        read_scoring(path)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
