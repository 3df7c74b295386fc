<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
    <context>
        <name>mobilenode</name>
        <message numerus="yes">
            <source>%n handover(s)</source>
            <translation>
                <numerusform>%n handover</numerusform>
                <numerusform>%n handovers</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>{agent} said nothing to %n request(s)</source>
            <translation>
                <numerusform>{agent} said nothing to %n request</numerusform>
                <numerusform>{agent} said nothing to %n requests</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>It was down for %n second(s).</source>
            <translation>
                <numerusform>It was down for %n second.</numerusform>
                <numerusform>It was down for %n seconds.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>direct with %n</source>
            <translation>
                <numerusform>direct with %n</numerusform>
                <numerusform>direct with %n</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n s ago</source>
            <translation>
                <numerusform>%n s ago</numerusform>
                <numerusform>%n s ago</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n min ago</source>
            <translation>
                <numerusform>%n min ago</numerusform>
                <numerusform>%n min ago</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n h ago</source>
            <translation>
                <numerusform>%n h ago</numerusform>
                <numerusform>%n h ago</numerusform>
            </translation>
        </message>
    </context>
</TS>
