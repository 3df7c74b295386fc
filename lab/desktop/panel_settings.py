"""A xfce4-panel at the bottom that holds a tray and nothing else."""

from __future__ import annotations

from pathlib import Path

HEIGHT = 32
"""Pixels at scale 1."""

_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="{dark}"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=8;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="{height}"/>
      <property name="icon-size" type="uint" value="0"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
    </property>
  </property>
</channel>
"""


def write_panel_settings(config: Path, scale: int, *, dark: bool) -> None:
    """Write them where xfconf looks for them: below $XDG_CONFIG_HOME."""
    folder = config / "xfce4" / "xfconf" / "xfce-perchannel-xml"
    folder.mkdir(parents=True, exist_ok=True)
    text = _SETTINGS.format(dark="true" if dark else "false", height=HEIGHT)
    (folder / "xfce4-panel.xml").write_text(text)
