<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
    <context>
        <name>mobilenode</name>
        <message>
            <source>No handovers yet.</source>
            <translation>Noch keine Netzwechsel.</translation>
        </message>
        <message numerus="yes">
            <source>%n handover(s)</source>
            <translation>
                <numerusform>%n Netzwechsel</numerusform>
                <numerusform>%n Netzwechsel</numerusform>
            </translation>
        </message>
        <message>
            <source>{handovers}, median {median} ms, worst {worst} ms</source>
            <translation>{handovers}, Median {median} ms, höchstens {worst} ms</translation>
        </message>
        <message>
            <source>link</source>
            <translation>Verbindung</translation>
        </message>
        <message>
            <source>address</source>
            <translation>Adresse</translation>
        </message>
        <message>
            <source>discovery</source>
            <translation>Suche</translation>
        </message>
        <message>
            <source>registration</source>
            <translation>Anmeldung</translation>
        </message>
        <message>
            <source>data</source>
            <translation>Daten</translation>
        </message>
        <message>
            <source>{ms} ms</source>
            <translation>{ms} ms</translation>
        </message>
        <message>
            <source>{total}, slowest: {phase}</source>
            <translation>{total}, am längsten: {phase}</translation>
        </message>
        <message>
            <source>Nothing is wrong.</source>
            <translation>Alles ist in Ordnung.</translation>
        </message>
        <message>
            <source>{check}: {finding}.</source>
            <translation>{check}: {finding}.</translation>
        </message>
        <message>
            <source>at home</source>
            <translation>zu Hause</translation>
        </message>
        <message>
            <source>through a foreign agent</source>
            <translation>über einen Fremdagenten</translation>
        </message>
        <message>
            <source>own address behind NAT</source>
            <translation>eigene Adresse hinter NAT</translation>
        </message>
        <message>
            <source>own address</source>
            <translation>eigene Adresse</translation>
        </message>
        <message>
            <source>The mobilenode service is not running.</source>
            <translation>Der Dienst mobilenode läuft nicht.</translation>
        </message>
        <message>
            <source>You may not talk to the mobilenode service: join the group mobilenode.</source>
            <translation>Sie dürfen nicht mit dem Dienst mobilenode sprechen: Treten Sie der Gruppe mobilenode bei.</translation>
        </message>
        <message>
            <source>The mobilenode service does not answer.</source>
            <translation>Der Dienst mobilenode antwortet nicht.</translation>
        </message>
        <message>
            <source>What answers is not the mobilenode service.</source>
            <translation>Was hier antwortet, ist nicht der Dienst mobilenode.</translation>
        </message>
        <message>
            <source>Start it: systemctl start mobilenoded</source>
            <translation>Starten Sie ihn: systemctl start mobilenoded</translation>
        </message>
        <message>
            <source>As root: adduser YOUR-NAME mobilenode, then log in again</source>
            <translation>Als root: adduser IHR-NAME mobilenode, dann neu anmelden</translation>
        </message>
        <message>
            <source>No service</source>
            <translation>Kein Dienst</translation>
        </message>
        <message>
            <source>until {time}</source>
            <translation>bis {time} Uhr</translation>
        </message>
        <message numerus="yes">
            <source>{agent} said nothing to %n request(s)</source>
            <translation>
                <numerusform>{agent} hat %n Anfrage nicht beantwortet</numerusform>
                <numerusform>{agent} hat %n Anfragen nicht beantwortet</numerusform>
            </translation>
        </message>
        <message>
            <source>Turn on reverse tunnel</source>
            <translation>Rücktunnel einschalten</translation>
        </message>
        <message>
            <source>Try again now</source>
            <translation>Jetzt noch einmal versuchen</translation>
        </message>
        <message>
            <source>Choose a profile file...</source>
            <translation>Profildatei auswählen...</translation>
        </message>
        <message>
            <source>Resume</source>
            <translation>Fortsetzen</translation>
        </message>
        <message>
            <source>Check now</source>
            <translation>Jetzt prüfen</translation>
        </message>
        <message>
            <source>Open mobilenode</source>
            <translation>mobilenode öffnen</translation>
        </message>
        <message>
            <source>Start at login</source>
            <translation>Beim Anmelden starten</translation>
        </message>
        <message>
            <source>Quit tray (the service keeps running)</source>
            <translation>Symbol beenden (der Dienst läuft weiter)</translation>
        </message>
        <message>
            <source>Reverse tunnel</source>
            <translation>Rücktunnel</translation>
        </message>
        <message>
            <source>Direct paths (IPv6)</source>
            <translation>Direkte Wege (IPv6)</translation>
        </message>
        <message>
            <source>Receive home broadcasts</source>
            <translation>Rundsendungen von zu Hause empfangen</translation>
        </message>
        <message>
            <source>turning on...</source>
            <translation>wird eingeschaltet...</translation>
        </message>
        <message>
            <source>turning off...</source>
            <translation>wird ausgeschaltet...</translation>
        </message>
        <message>
            <source>from the next registration</source>
            <translation>ab der nächsten Anmeldung</translation>
        </message>
        <message>
            <source>Home address {address} (copy)</source>
            <translation>Heimatadresse {address} (kopieren)</translation>
        </message>
        <message>
            <source>15 minutes</source>
            <translation>15 Minuten</translation>
        </message>
        <message>
            <source>1 hour</source>
            <translation>1 Stunde</translation>
        </message>
        <message>
            <source>Until I resume</source>
            <translation>Bis ich fortsetze</translation>
        </message>
        <message>
            <source>Pause</source>
            <translation>Pause</translation>
        </message>
        <message>
            <source>Import...</source>
            <translation>Importieren...</translation>
        </message>
        <message>
            <source>Profile</source>
            <translation>Profil</translation>
        </message>
        <message numerus="yes">
            <source>It was down for %n second(s).</source>
            <translation>
                <numerusform>Es war %n Sekunde lang unterbrochen.</numerusform>
                <numerusform>Es war %n Sekunden lang unterbrochen.</numerusform>
            </translation>
        </message>
        <message>
            <source>Working again</source>
            <translation>Funktioniert wieder</translation>
        </message>
        <message>
            <source>You are still connected.</source>
            <translation>Sie sind weiterhin verbunden.</translation>
        </message>
        <message>
            <source>Not granted: {reason}.</source>
            <translation>Nicht gewährt: {reason}.</translation>
        </message>
        <message>
            <source>Laptop</source>
            <translation>Laptop</translation>
        </message>
        <message>
            <source>No packets can go anywhere now.</source>
            <translation>Zurzeit können keine Pakete irgendwohin.</translation>
        </message>
        <message>
            <source>behind NAT</source>
            <translation>hinter NAT</translation>
        </message>
        <message>
            <source>Network</source>
            <translation>Netz</translation>
        </message>
        <message>
            <source>{time} left</source>
            <translation>noch {time}</translation>
        </message>
        <message>
            <source>Foreign agent</source>
            <translation>Fremdagent</translation>
        </message>
        <message>
            <source>Home agent</source>
            <translation>Heimatagent</translation>
        </message>
        <message>
            <source>Everybody else</source>
            <translation>Alle anderen</translation>
        </message>
        <message>
            <source>reverse tunnel</source>
            <translation>Rücktunnel</translation>
        </message>
        <message>
            <source>triangle</source>
            <translation>Dreieck</translation>
        </message>
        <message numerus="yes">
            <source>direct with %n</source>
            <translation>
                <numerusform>direkt mit %n</numerusform>
                <numerusform>direkt mit %n</numerusform>
            </translation>
        </message>
        <message>
            <source>not yet proven</source>
            <translation>noch nicht bewiesen</translation>
        </message>
        <message>
            <source>broken</source>
            <translation>unterbrochen</translation>
        </message>
        <message>
            <source>unused</source>
            <translation>unbenutzt</translation>
        </message>
        <message>
            <source>both ways</source>
            <translation>hin und zurück</translation>
        </message>
        <message>
            <source>outwards</source>
            <translation>hinaus</translation>
        </message>
        <message>
            <source>inwards</source>
            <translation>herein</translation>
        </message>
        <message>
            <source>just now</source>
            <translation>gerade eben</translation>
        </message>
        <message numerus="yes">
            <source>%n s ago</source>
            <translation>
                <numerusform>vor %n s</numerusform>
                <numerusform>vor %n s</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n min ago</source>
            <translation>
                <numerusform>vor %n min</numerusform>
                <numerusform>vor %n min</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n h ago</source>
            <translation>
                <numerusform>vor %n h</numerusform>
                <numerusform>vor %n h</numerusform>
            </translation>
        </message>
        <message>
            <source>{meaning} (code {code})</source>
            <translation>{meaning} (Code {code})</translation>
        </message>
        <message>
            <source>refused, code {code}</source>
            <translation>abgelehnt, Code {code}</translation>
        </message>
        <message>
            <source>for an unknown reason</source>
            <translation>aus unbekanntem Grund</translation>
        </message>
        <message>
            <source>checked {age}</source>
            <translation>geprüft: {age}</translation>
        </message>
        <message>
            <source>{checked}, {ms} ms</source>
            <translation>{checked}, {ms} ms</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>Name</translation>
        </message>
        <message>
            <source>Home address</source>
            <translation>Heimatadresse</translation>
        </message>
        <message>
            <source>IPv6 home address</source>
            <translation>Heimatadresse für IPv6</translation>
        </message>
        <message>
            <source>IPv6 home agent</source>
            <translation>Heimatagent für IPv6</translation>
        </message>
        <message>
            <source>What goes through home</source>
            <translation>Über zu Hause geht</translation>
        </message>
        <message>
            <source>everything</source>
            <translation>alles</translation>
        </message>
        <message>
            <source>Key fingerprint</source>
            <translation>Fingerabdruck des Schlüssels</translation>
        </message>
        <message>
            <source>Attention</source>
            <translation>Achtung</translation>
        </message>
        <message>
            <source>In {incoming}/s, out {outgoing}/s</source>
            <translation>Herein {incoming}/s, hinaus {outgoing}/s</translation>
        </message>
        <message>
            <source>Handovers</source>
            <translation>Netzwechsel</translation>
        </message>
        <message>
            <source>Events</source>
            <translation>Ereignisse</translation>
        </message>
        <message>
            <source>Checks</source>
            <translation>Prüfungen</translation>
        </message>
        <message>
            <source>Report</source>
            <translation>Bericht</translation>
        </message>
        <message>
            <source>Check again</source>
            <translation>Erneut prüfen</translation>
        </message>
        <message>
            <source>Copy report</source>
            <translation>Bericht kopieren</translation>
        </message>
        <message>
            <source>Show exactly what is in it</source>
            <translation>Genau zeigen, was darin steht</translation>
        </message>
        <message>
            <source>Checking...</source>
            <translation>Wird geprüft...</translation>
        </message>
        <message>
            <source>unchanged (fingerprint {digits}); base64:... replaces it</source>
            <translation>unverändert (Fingerabdruck {digits}); base64:... ersetzt ihn</translation>
        </message>
        <message>
            <source>Change a profile</source>
            <translation>Profil ändern</translation>
        </message>
        <message>
            <source>Key {name}:</source>
            <translation>Schlüssel {name}:</translation>
        </message>
        <message>
            <source>Import and use</source>
            <translation>Importieren und verwenden</translation>
        </message>
        <message>
            <source>Import a profile</source>
            <translation>Profil importieren</translation>
        </message>
        <message>
            <source>Importing...</source>
            <translation>Wird importiert...</translation>
        </message>
        <message>
            <source>Waiting for a proof that data flows...</source>
            <translation>Warten auf den Beweis, dass Daten fließen...</translation>
        </message>
        <message>
            <source>Ready: {state}</source>
            <translation>Fertig: {state}</translation>
        </message>
        <message>
            <source>Correspondents (IPv6)</source>
            <translation>Gegenstellen (IPv6)</translation>
        </message>
        <message>
            <source>Way of the packets</source>
            <translation>Weg der Pakete</translation>
        </message>
        <message>
            <source>The path of your packets</source>
            <translation>Der Weg Ihrer Pakete</translation>
        </message>
        <message>
            <source>Profiles</source>
            <translation>Profile</translation>
        </message>
        <message>
            <source>{name} (in use)</source>
            <translation>{name} (in Gebrauch)</translation>
        </message>
        <message>
            <source>{file} cannot be read: {error}</source>
            <translation>{file} ist nicht lesbar: {error}</translation>
        </message>
        <message>
            <source>Remove {name} and its keys from this computer?</source>
            <translation>{name} und die Schlüssel dazu von diesem Computer entfernen?</translation>
        </message>
        <message>
            <source>Remove</source>
            <translation>Entfernen</translation>
        </message>
        <message>
            <source>Import file...</source>
            <translation>Datei importieren...</translation>
        </message>
        <message>
            <source>Paste</source>
            <translation>Einfügen</translation>
        </message>
        <message>
            <source>Use</source>
            <translation>Verwenden</translation>
        </message>
        <message>
            <source>Change...</source>
            <translation>Ändern...</translation>
        </message>
        <message>
            <source>Remove...</source>
            <translation>Entfernen...</translation>
        </message>
        <message>
            <source>Drop a profile file here, or import it:</source>
            <translation>Ziehen Sie eine Profildatei hierher, oder importieren Sie sie:</translation>
        </message>
        <message>
            <source>Traffic</source>
            <translation>Verkehr</translation>
        </message>
        <message>
            <source>in, up to {rate}</source>
            <translation>herein, bis {rate}</translation>
        </message>
        <message>
            <source>out, up to {rate}</source>
            <translation>hinaus, bis {rate}</translation>
        </message>
        <message>
            <source>mobilenode - {state}</source>
            <translation>mobilenode - {state}</translation>
        </message>
        <message>
            <source>This desktop shows no tray icons. On GNOME the extension AppIndicator brings them; until then mobilenode is found among the applications.</source>
            <translation>Diese Arbeitsumgebung zeigt keine Symbole in der Leiste. Unter GNOME bringt sie die Erweiterung AppIndicator; bis dahin finden Sie mobilenode unter den Anwendungen.</translation>
        </message>
        <message>
            <source>Overview</source>
            <translation>Übersicht</translation>
        </message>
        <message>
            <source>Activity</source>
            <translation>Aktivität</translation>
        </message>
        <message>
            <source>Diagnostics</source>
            <translation>Diagnose</translation>
        </message>
        <message>
            <source>Pages</source>
            <translation>Seiten</translation>
        </message>
        <message>
            <source>No profile yet: import the file from your home agent.</source>
            <translation>Noch kein Profil: Importieren Sie die Datei von Ihrem Heimatagenten.</translation>
        </message>
        <message>
            <source>Paused; your home address is not reachable.</source>
            <translation>Pausiert; Ihre Heimatadresse ist nicht erreichbar.</translation>
        </message>
        <message>
            <source>No network: waiting for Wi-Fi or cable.</source>
            <translation>Kein Netz: Warten auf WLAN oder Kabel.</translation>
        </message>
        <message>
            <source>This network wants you to sign in first.</source>
            <translation>In diesem Netz müssen Sie sich zuerst einloggen.</translation>
        </message>
        <message>
            <source>Registration was refused.</source>
            <translation>Die Anmeldung wurde abgelehnt.</translation>
        </message>
        <message>
            <source>Your home agent does not answer.</source>
            <translation>Ihr Heimatagent antwortet nicht.</translation>
        </message>
        <message>
            <source>Getting you home...</source>
            <translation>Sie werden nach Hause verbunden...</translation>
        </message>
        <message>
            <source>Home accepted you; checking that data really flows...</source>
            <translation>Zu Hause angenommen; es wird geprüft, ob wirklich Daten fließen...</translation>
        </message>
        <message>
            <source>Registered, but nothing comes back.</source>
            <translation>Angemeldet, aber nichts kommt zurück.</translation>
        </message>
        <message>
            <source>This network drops packets that carry your home address.</source>
            <translation>Dieses Netz verwirft Pakete, die Ihre Heimatadresse tragen.</translation>
        </message>
        <message>
            <source>You are at home; no tunnel is needed.</source>
            <translation>Sie sind zu Hause; ein Tunnel ist nicht nötig.</translation>
        </message>
        <message>
            <source>Working, but not all is as you asked.</source>
            <translation>Es funktioniert, aber nicht alles ist so, wie Sie es wollten.</translation>
        </message>
        <message>
            <source>Working.</source>
            <translation>Es funktioniert.</translation>
        </message>
        <message>
            <source>Not running</source>
            <translation>Läuft nicht</translation>
        </message>
        <message>
            <source>No profile</source>
            <translation>Kein Profil</translation>
        </message>
        <message>
            <source>Paused</source>
            <translation>Pausiert</translation>
        </message>
        <message>
            <source>No network</source>
            <translation>Kein Netz</translation>
        </message>
        <message>
            <source>Sign in first</source>
            <translation>Erst einloggen</translation>
        </message>
        <message>
            <source>Refused</source>
            <translation>Abgelehnt</translation>
        </message>
        <message>
            <source>No answer</source>
            <translation>Keine Antwort</translation>
        </message>
        <message>
            <source>Connecting</source>
            <translation>Verbindet</translation>
        </message>
        <message>
            <source>Checking</source>
            <translation>Prüft</translation>
        </message>
        <message>
            <source>Stalled</source>
            <translation>Stockt</translation>
        </message>
        <message>
            <source>One-way</source>
            <translation>Nur eine Richtung</translation>
        </message>
        <message>
            <source>Home</source>
            <translation>Zu Hause</translation>
        </message>
        <message>
            <source>Working, but limited</source>
            <translation>Funktioniert eingeschränkt</translation>
        </message>
        <message>
            <source>Working</source>
            <translation>Funktioniert</translation>
        </message>
        <message>
            <source>with an own address</source>
            <translation>mit eigener Adresse</translation>
        </message>
        <message>
            <source>straight, both ways (at home)</source>
            <translation>direkt, hin und zurück (zu Hause)</translation>
        </message>
        <message>
            <source>out straight, in via home (triangle)</source>
            <translation>direkt hinaus, über zu Hause herein (Dreieck)</translation>
        </message>
        <message>
            <source>out via home (reverse tunnel), in via home</source>
            <translation>über zu Hause hinaus (Rücktunnel) und herein</translation>
        </message>
        <message>
            <source>straight</source>
            <translation>direkt</translation>
        </message>
        <message>
            <source>through home</source>
            <translation>über zu Hause</translation>
        </message>
        <message>
            <source>through home, a direct path is being tested</source>
            <translation>über zu Hause, ein direkter Weg wird geprüft</translation>
        </message>
        <message>
            <source>through home, since it knows no other way</source>
            <translation>über zu Hause, da die Gegenstelle keinen anderen Weg kennt</translation>
        </message>
        <message>
            <source>IP-in-IP</source>
            <translation>IP-in-IP</translation>
        </message>
        <message>
            <source>UDP</source>
            <translation>UDP</translation>
        </message>
        <message>
            <source>GRE</source>
            <translation>GRE</translation>
        </message>
        <message>
            <source>minimal encapsulation</source>
            <translation>minimale Kapselung</translation>
        </message>
        <message>
            <source>IPv6-in-IPv6</source>
            <translation>IPv6-in-IPv6</translation>
        </message>
        <message>
            <source>the service is starting</source>
            <translation>der Dienst startet gerade</translation>
        </message>
        <message>
            <source>looking for an address or a foreign agent</source>
            <translation>eine Adresse oder ein Fremdagent wird gesucht</translation>
        </message>
        <message>
            <source>looking for a router and an address</source>
            <translation>ein Router und eine Adresse werden gesucht</translation>
        </message>
        <message>
            <source>looking for a home agent on your home network</source>
            <translation>in Ihrem Heimatnetz wird ein Heimatagent gesucht</translation>
        </message>
        <message>
            <source>asking your home agent</source>
            <translation>Ihr Heimatagent wird gefragt</translation>
        </message>
        <message>
            <source>your home agent is here; it gives you a home address once you are away</source>
            <translation>Ihr Heimatagent ist hier; er gibt Ihnen eine Heimatadresse, sobald Sie unterwegs sind</translation>
        </message>
        <message>
            <source>this computer's clock cannot be right, and replies could not be told from replays; set it</source>
            <translation>die Uhr dieses Computers geht sicher falsch, und alte Antworten ließen sich nicht von neuen unterscheiden; stellen Sie sie</translation>
        </message>
        <message>
            <source>the name of your home agent leads to no address yet</source>
            <translation>der Name Ihres Heimatagenten führt noch zu keiner Adresse</translation>
        </message>
        <message>
            <source>this network gave us our own home address, but it is not home</source>
            <translation>dieses Netz gab uns unsere eigene Heimatadresse, ist aber nicht Ihr Heimatnetz</translation>
        </message>
        <message>
            <source>this network gave us the home agent's address</source>
            <translation>dieses Netz gab uns die Adresse des Heimatagenten</translation>
        </message>
        <message>
            <source>this network uses the same addresses as your home network, but it is not home</source>
            <translation>dieses Netz verwendet dieselben Adressen wie Ihr Heimatnetz, ist es aber nicht</translation>
        </message>
        <message>
            <source>this network gave us an address that leads nowhere</source>
            <translation>dieses Netz gab uns eine Adresse, die nirgendwohin führt</translation>
        </message>
        <message>
            <source>waiting until this network says that our new address is nobody else's</source>
            <translation>gewartet wird, bis dieses Netz sagt, dass niemand sonst unsere neue Adresse hat</translation>
        </message>
        <message>
            <source>somebody else on this network has our address</source>
            <translation>jemand anders in diesem Netz hat unsere Adresse</translation>
        </message>
        <message>
            <source>this network has no IPv6</source>
            <translation>dieses Netz hat kein IPv6</translation>
        </message>
        <message>
            <source>this network has no IPv4</source>
            <translation>dieses Netz hat kein IPv4</translation>
        </message>
        <message>
            <source>nothing would protect its tests on their way home; accept_unprotected in the profile allows it</source>
            <translation>nichts würde die Tests auf dem Weg nach Hause schützen; accept_unprotected im Profil erlaubt es trotzdem</translation>
        </message>
        <message>
            <source>not needed at home</source>
            <translation>zu Hause nicht nötig</translation>
        </message>
        <message>
            <source>not offered here</source>
            <translation>hier nicht angeboten</translation>
        </message>
        <message>
            <source>the kernel refused a part: {detail}</source>
            <translation>der Kernel hat einen Teil abgelehnt: {detail}</translation>
        </message>
        <message>
            <source>the reverse tunnel is not as you asked: {detail}</source>
            <translation>der Rücktunnel ist nicht so, wie Sie es wollten: {detail}</translation>
        </message>
        <message>
            <source>the home agent grants only {detail} s at a time</source>
            <translation>der Heimatagent gewährt jeweils nur {detail} s</translation>
        </message>
        <message>
            <source>only packets of {detail} bytes or less pass here; a few programs need more</source>
            <translation>nur Pakete bis {detail} Byte kommen hier durch; einige Programme brauchen mehr</translation>
        </message>
        <message>
            <source>the home network gives up its prefix {detail}: ask your home agent's owner for a new profile</source>
            <translation>das Heimatnetz gibt sein Präfix {detail} auf: Bitten Sie den Betreiber Ihres Heimatagenten um ein neues Profil</translation>
        </message>
        <message>
            <source>the home network gives up its prefix: your IPv6 home address will be {detail}</source>
            <translation>das Heimnetz gibt sein Präfix auf: Ihre IPv6-Heimatadresse wird {detail} sein</translation>
        </message>
        <message>
            <source>your IPv6 home address is not reachable: {detail}</source>
            <translation>Ihre IPv6-Heimatadresse ist nicht erreichbar: {detail}</translation>
        </message>
        <message>
            <source>your IPv4 home address is not reachable: {detail}</source>
            <translation>Ihre IPv4-Heimatadresse ist nicht erreichbar: {detail}</translation>
        </message>
        <message>
            <source>all IPv6 packets go through home: nothing would protect the tests of a direct path on their way home</source>
            <translation>alle IPv6-Pakete gehen über zu Hause: Nichts würde die Tests eines direkten Weges auf dem Weg nach Hause schützen</translation>
        </message>
        <message>
            <source>the home agent keeps only one place at a time: a move between two links may lose packets</source>
            <translation>der Heimatagent merkt sich nur einen Ort: Beim Wechsel zwischen zwei Verbindungen können Pakete verloren gehen</translation>
        </message>
        <message>
            <source>this version reads but does not act on the profile's {detail}</source>
            <translation>diese Version liest {detail} im Profil, handelt aber nicht danach</translation>
        </message>
        <message>
            <source>Set this computer's clock.</source>
            <translation>Stellen Sie die Uhr dieses Computers.</translation>
        </message>
        <message>
            <source>Is mobilityagentd running at home, and does this network let UDP port 434 through?</source>
            <translation>Läuft mobilityagentd zu Hause, und lässt dieses Netz UDP-Port 434 durch?</translation>
        </message>
        <message>
            <source>Is mobilityagentd running at home, and does this network let mobility headers through?</source>
            <translation>Läuft mobilityagentd zu Hause, und lässt dieses Netz Mobility-Header durch?</translation>
        </message>
        <message>
            <source>Does this network let the tunnel through? `mobilenode reverse-tunnel on` may help; or a profile whose encapsulation begins with "udp".</source>
            <translation>Lässt dieses Netz den Tunnel durch? `mobilenode reverse-tunnel on` kann helfen; oder ein Profil, dessen encapsulation mit "udp" beginnt.</translation>
        </message>
        <message>
            <source>Does this network let the tunnel through? A profile whose encapsulation begins with "udp" passes more of them.</source>
            <translation>Lässt dieses Netz den Tunnel durch? Ein Profil, dessen Kapselung mit „udp“ beginnt, kommt durch mehr Netze.</translation>
        </message>
        <message>
            <source>Does this network let anything through? Another one may help.</source>
            <translation>Lässt dieses Netz überhaupt etwas durch? Ein anderes hilft vielleicht.</translation>
        </message>
        <message>
            <source>mobilenode reverse-tunnel on</source>
            <translation>mobilenode reverse-tunnel on</translation>
        </message>
        <message>
            <source>mobilenode import FILE --up</source>
            <translation>mobilenode import DATEI --up</translation>
        </message>
        <message>
            <source>mobilenode resume</source>
            <translation>mobilenode resume</translation>
        </message>
        <message>
            <source>Sign in with a browser.</source>
            <translation>Loggen Sie sich mit einem Browser ein.</translation>
        </message>
        <message>
            <source>Start mobilenoded, as root.</source>
            <translation>Starten Sie mobilenoded, als root.</translation>
        </message>
        <message>
            <source>Service</source>
            <translation>Dienst</translation>
        </message>
        <message>
            <source>Turned on</source>
            <translation>Eingeschaltet</translation>
        </message>
        <message>
            <source>Clock</source>
            <translation>Uhr</translation>
        </message>
        <message>
            <source>Home agent's name</source>
            <translation>Name des Heimatagenten</translation>
        </message>
        <message>
            <source>Address here</source>
            <translation>Adresse hier</translation>
        </message>
        <message>
            <source>Registration</source>
            <translation>Anmeldung</translation>
        </message>
        <message>
            <source>Tunnel, both ways</source>
            <translation>Tunnel, hin und zurück</translation>
        </message>
        <message>
            <source>Packet size</source>
            <translation>Paketgröße</translation>
        </message>
        <message>
            <source>Kernel</source>
            <translation>Kernel</translation>
        </message>
        <message>
            <source>IPv6</source>
            <translation>IPv6</translation>
        </message>
        <message>
            <source>Direct paths</source>
            <translation>Direkte Wege</translation>
        </message>
        <message>
            <source>fine</source>
            <translation>in Ordnung</translation>
        </message>
        <message>
            <source>attention</source>
            <translation>Achtung</translation>
        </message>
        <message>
            <source>failed</source>
            <translation>fehlgeschlagen</translation>
        </message>
        <message>
            <source>skipped</source>
            <translation>ausgelassen</translation>
        </message>
        <message>
            <source>not looked at, since this failed: {detail}</source>
            <translation>nicht angesehen, da dies fehlschlug: {detail}</translation>
        </message>
        <message>
            <source>it runs; packets go by {detail}</source>
            <translation>läuft; Pakete gehen über {detail}</translation>
        </message>
        <message>
            <source>it runs, but packets go the slower way: this kernel takes no BPF programs from it</source>
            <translation>läuft, aber Pakete nehmen den langsameren Weg: Dieser Kernel nimmt keine BPF-Programme von ihm an</translation>
        </message>
        <message>
            <source>none is in use; import the file from your home agent</source>
            <translation>keines ist in Gebrauch; importieren Sie die Datei von Ihrem Heimatagenten</translation>
        </message>
        <message>
            <source>this version reads but does not act on: {detail}</source>
            <translation>diese Version liest es, handelt aber nicht nach: {detail}</translation>
        </message>
        <message>
            <source>{detail}</source>
            <translation>{detail}</translation>
        </message>
        <message>
            <source>paused by you</source>
            <translation>von Ihnen pausiert</translation>
        </message>
        <message>
            <source>yes</source>
            <translation>ja</translation>
        </message>
        <message>
            <source>this computer's clock cannot be right; set it</source>
            <translation>die Uhr dieses Computers geht sicher falsch; stellen Sie sie</translation>
        </message>
        <message>
            <source>plausible</source>
            <translation>plausibel</translation>
        </message>
        <message>
            <source>no Wi-Fi and no cable is connected</source>
            <translation>weder WLAN noch Kabel ist verbunden</translation>
        </message>
        <message>
            <source>leads to no address: {detail}</source>
            <translation>führt zu keiner Adresse: {detail}</translation>
        </message>
        <message>
            <source>leads to an address, or is one</source>
            <translation>führt zu einer Adresse oder ist eine</translation>
        </message>
        <message>
            <source>the home address itself: you are at home</source>
            <translation>die Heimatadresse selbst: Sie sind zu Hause</translation>
        </message>
        <message>
            <source>that of a foreign agent, {detail}</source>
            <translation>die eines Fremdagenten, {detail}</translation>
        </message>
        <message>
            <source>your home agent {detail} says nothing to requests</source>
            <translation>Ihr Heimatagent {detail} antwortet nicht auf Anfragen</translation>
        </message>
        <message>
            <source>valid for {detail} s</source>
            <translation>gültig für {detail} s</translation>
        </message>
        <message>
            <source>this network drops packets that carry your home address; turn on the reverse tunnel</source>
            <translation>dieses Netz verwirft Pakete, die Ihre Heimatadresse tragen; schalten Sie den Rücktunnel ein</translation>
        </message>
        <message>
            <source>nothing came back; this network may block the tunnel</source>
            <translation>nichts kam zurück; vielleicht sperrt dieses Netz den Tunnel</translation>
        </message>
        <message>
            <source>answered in {detail} ms</source>
            <translation>Antwort nach {detail} ms</translation>
        </message>
        <message>
            <source>only packets of {detail} bytes or less pass</source>
            <translation>nur Pakete bis {detail} Byte kommen durch</translation>
        </message>
        <message>
            <source>{detail} bytes fit into the tunnel</source>
            <translation>{detail} Byte passen in den Tunnel</translation>
        </message>
        <message>
            <source>there is no tunnel</source>
            <translation>es gibt keinen Tunnel</translation>
        </message>
        <message>
            <source>it refused a part: {detail}</source>
            <translation>hat einen Teil abgelehnt: {detail}</translation>
        </message>
        <message>
            <source>it holds all that is needed</source>
            <translation>hat alles, was nötig ist</translation>
        </message>
        <message>
            <source>your IPv6 home address is reachable</source>
            <translation>Ihre IPv6-Heimatadresse ist erreichbar</translation>
        </message>
        <message>
            <source>{detail} in use</source>
            <translation>{detail} in Gebrauch</translation>
        </message>
        <message>
            <source>off</source>
            <translation>aus</translation>
        </message>
        <message>
            <source>the home agent knows that you are at home: {code}</source>
            <translation>der Heimatagent weiß, dass Sie zu Hause sind: {code}</translation>
        </message>
        <message>
            <source>registered {place}, care-of address {care_of}, by {encapsulation}: {code}</source>
            <translation>angemeldet {place}, Gastadresse {care_of}, mit {encapsulation}: {code}</translation>
        </message>
        <message>
            <source>bound to the care-of address {care_of}: {code}</source>
            <translation>gebunden an die Gastadresse {care_of}: {code}</translation>
        </message>
        <message>
            <source>registered {place} {care_of} behind a NAT, by {encapsulation}: {code}</source>
            <translation>angemeldet {place} {care_of} hinter NAT, mit {encapsulation}: {code}</translation>
        </message>
        <message>
            <source>refused: {code}</source>
            <translation>abgelehnt: {code}</translation>
        </message>
        <message>
            <source>arrived at {to} after {ms} ms</source>
            <translation>angekommen: {to}, nach {ms} ms</translation>
        </message>
        <message>
            <source>the registration has ended</source>
            <translation>die Anmeldung ist abgelaufen</translation>
        </message>
        <message>
            <source>nothing comes back by this path; registering again</source>
            <translation>auf diesem Weg kommt nichts zurück; neue Anmeldung</translation>
        </message>
        <message>
            <source>working again</source>
            <translation>funktioniert wieder</translation>
        </message>
        <message>
            <source>this network drops packets that carry your home address; with the reverse tunnel they would pass</source>
            <translation>dieses Netz verwirft Pakete, die Ihre Heimatadresse tragen; mit dem Rücktunnel kämen sie durch</translation>
        </message>
        <message>
            <source>the home network was renumbered: your IPv6 home address is {home_address} now</source>
            <translation>das Heimnetz hat ein anderes Präfix: Ihre IPv6-Heimatadresse ist jetzt {home_address}</translation>
        </message>
        <message>
            <source>this network uses addresses of your home network {network}, but it is not home</source>
            <translation>dieses Netz verwendet Adressen Ihres Heimatnetzes {network}, ist es aber nicht</translation>
        </message>
        <message>
            <source>the kernel refused a part: {reasons}</source>
            <translation>der Kernel hat einen Teil abgelehnt: {reasons}</translation>
        </message>
        <message>
            <source>the kernel holds all that is needed again</source>
            <translation>der Kernel hat wieder alles, was nötig ist</translation>
        </message>
        <message>
            <source>the kernel did not let go of what an earlier run left: {reason}</source>
            <translation>der Kernel ließ nicht los, was von einem früheren Lauf blieb: {reason}</translation>
        </message>
        <message>
            <source>this kernel does not take our BPF programs ({reason}); packets go the slower way</source>
            <translation>dieser Kernel nimmt unsere BPF-Programme nicht an ({reason}); Pakete nehmen den langsameren Weg</translation>
        </message>
        <message>
            <source>what must outlive a restart could not be stored: {reason}</source>
            <translation>was einen Neustart überdauern muss, ließ sich nicht speichern: {reason}</translation>
        </message>
        <message>
            <source>left without an answer from the home agent; the registration lapses by itself</source>
            <translation>abgemeldet ohne Antwort des Heimatagenten; die Anmeldung läuft von selbst ab</translation>
        </message>
        <message>
            <source>required by this network</source>
            <translation>von diesem Netz verlangt</translation>
        </message>
        <message>
            <source>required by your home agent</source>
            <translation>von Ihrem Heimatagenten verlangt</translation>
        </message>
        <message>
            <source>Only root and the group mobilenode may do this.</source>
            <translation>Nur root und die Gruppe mobilenode dürfen das.</translation>
        </message>
        <message>
            <source>No profile is in use: import one first.</source>
            <translation>Kein Profil ist in Gebrauch: Importieren Sie zuerst eines.</translation>
        </message>
        <message>
            <source>The mobilenode service is too old for this.</source>
            <translation>Der Dienst mobilenode ist dafür zu alt.</translation>
        </message>
        <message>
            <source>This is longer than the mobilenode service reads.</source>
            <translation>Das ist länger, als der Dienst mobilenode liest.</translation>
        </message>
        <message>
            <source>Too many programs talk to the mobilenode service already.</source>
            <translation>Schon zu viele Programme sprechen mit dem Dienst mobilenode.</translation>
        </message>
        <message>
            <source>accepted</source>
            <translation>angenommen</translation>
        </message>
        <message>
            <source>Nothing to do.</source>
            <translation>Nichts zu tun.</translation>
        </message>
        <message>
            <source>accepted, but only one place at a time</source>
            <translation>angenommen, aber immer nur ein Ort</translation>
        </message>
        <message>
            <source>Nothing to do; a move between two links may lose packets.</source>
            <translation>Nichts zu tun; beim Wechsel zwischen zwei Verbindungen können Pakete verloren gehen.</translation>
        </message>
        <message>
            <source>the foreign agent refused without giving a reason</source>
            <translation>der Fremdagent hat ohne Grund abgelehnt</translation>
        </message>
        <message>
            <source>The daemon goes round this foreign agent with an own address, where the network gives one.</source>
            <translation>Der Dienst umgeht diesen Fremdagenten mit einer eigenen Adresse, wo das Netz eine gibt.</translation>
        </message>
        <message>
            <source>the foreign agent does not allow you here</source>
            <translation>der Fremdagent erlaubt Sie hier nicht</translation>
        </message>
        <message>
            <source>The daemon goes round this foreign agent with an own address, where the network gives one. Or ask its operator.</source>
            <translation>Der Dienst umgeht diesen Fremdagenten mit einer eigenen Adresse, wo das Netz eine gibt. Oder fragen Sie seinen Betreiber.</translation>
        </message>
        <message>
            <source>the foreign agent is full</source>
            <translation>der Fremdagent ist voll</translation>
        </message>
        <message>
            <source>The daemon asks again later, ever more seldom.</source>
            <translation>Der Dienst fragt später wieder, immer seltener.</translation>
        </message>
        <message>
            <source>the foreign agent does not accept your key</source>
            <translation>der Fremdagent nimmt Ihren Schlüssel nicht an</translation>
        </message>
        <message>
            <source>the foreign agent and your home agent do not trust each other</source>
            <translation>der Fremdagent und Ihr Heimatagent vertrauen einander nicht</translation>
        </message>
        <message>
            <source>the lifetime was too long for the foreign agent</source>
            <translation>die Dauer war dem Fremdagenten zu lang</translation>
        </message>
        <message>
            <source>The daemon asks for the one that it allows.</source>
            <translation>Der Dienst bittet um die erlaubte.</translation>
        </message>
        <message>
            <source>the foreign agent could not read the request</source>
            <translation>der Fremdagent konnte die Anfrage nicht lesen</translation>
        </message>
        <message>
            <source>the foreign agent could not read your home agent's reply</source>
            <translation>der Fremdagent konnte die Antwort Ihres Heimatagenten nicht lesen</translation>
        </message>
        <message>
            <source>the foreign agent does not offer this encapsulation</source>
            <translation>der Fremdagent bietet diese Kapselung nicht an</translation>
        </message>
        <message>
            <source>The daemon asks for the next one that the profile names, and for IP-in-IP at last.</source>
            <translation>Der Dienst bittet um die nächste, die das Profil nennt, und zuletzt um IP-in-IP.</translation>
        </message>
        <message>
            <source>a code that no standard gives a meaning</source>
            <translation>ein Code, dem keine Norm eine Bedeutung gibt</translation>
        </message>
        <message>
            <source>Tell the operator of the agent; the daemon asks again, but seldom.</source>
            <translation>Sagen Sie es dem Betreiber des Agenten; der Dienst fragt wieder, aber selten.</translation>
        </message>
        <message>
            <source>the foreign agent does not offer reverse tunnelling</source>
            <translation>der Fremdagent bietet keinen Rücktunnel an</translation>
        </message>
        <message>
            <source>The daemon registers without the reverse tunnel; turn it on again on another network.</source>
            <translation>Der Dienst meldet sich ohne Rücktunnel an; schalten Sie ihn in einem anderen Netz wieder ein.</translation>
        </message>
        <message>
            <source>the foreign agent requires reverse tunnelling</source>
            <translation>der Fremdagent verlangt den Rücktunnel</translation>
        </message>
        <message>
            <source>The daemon turns it on.</source>
            <translation>Der Dienst schaltet ihn ein.</translation>
        </message>
        <message>
            <source>the foreign agent is more than one hop away</source>
            <translation>der Fremdagent ist nicht im selben Netz</translation>
        </message>
        <message>
            <source>the foreign agent does not know this care-of address</source>
            <translation>der Fremdagent kennt diese Gastadresse nicht</translation>
        </message>
        <message>
            <source>your home agent did not answer the foreign agent</source>
            <translation>Ihr Heimatagent hat dem Fremdagenten nicht geantwortet</translation>
        </message>
        <message>
            <source>the foreign agent does not offer this delivery style</source>
            <translation>der Fremdagent bietet diese Art der Zustellung nicht an</translation>
        </message>
        <message>
            <source>the foreign agent cannot reach the home network</source>
            <translation>der Fremdagent erreicht das Heimatnetz nicht</translation>
        </message>
        <message>
            <source>The daemon asks again later, ever more seldom. Is mobilityagentd running at home, and is UDP port 434 open?</source>
            <translation>Der Dienst fragt später wieder, immer seltener. Läuft mobilityagentd zu Hause, und ist UDP-Port 434 offen?</translation>
        </message>
        <message>
            <source>the foreign agent cannot reach the home agent's host</source>
            <translation>der Fremdagent erreicht den Rechner des Heimatagenten nicht</translation>
        </message>
        <message>
            <source>no home agent listens on UDP port 434</source>
            <translation>kein Heimatagent hört auf UDP-Port 434</translation>
        </message>
        <message>
            <source>the foreign agent cannot reach your home agent</source>
            <translation>der Fremdagent erreicht Ihren Heimatagenten nicht</translation>
        </message>
        <message>
            <source>the foreign agent serves only fixed home addresses</source>
            <translation>der Fremdagent bedient nur feste Heimatadressen</translation>
        </message>
        <message>
            <source>The daemon goes round this foreign agent with an own address, where the network gives one. Else: ask your home agent's owner for a new profile.</source>
            <translation>Der Dienst umgeht diesen Fremdagenten mit einer eigenen Adresse, wo das Netz eine gibt. Sonst: Bitten Sie den Betreiber Ihres Heimatagenten um ein neues Profil.</translation>
        </message>
        <message>
            <source>the foreign agent wants an NAI, which the profile lacks</source>
            <translation>der Fremdagent will eine NAI, die im Profil fehlt</translation>
        </message>
        <message>
            <source>Ask your home agent's owner for a new profile.</source>
            <translation>Bitten Sie den Betreiber Ihres Heimatagenten um ein neues Profil.</translation>
        </message>
        <message>
            <source>the foreign agent wants a home agent's address, which the profile lacks</source>
            <translation>der Fremdagent will die Adresse eines Heimatagenten, die im Profil fehlt</translation>
        </message>
        <message>
            <source>the foreign agent wants a home address, which the profile lacks</source>
            <translation>der Fremdagent will eine Heimatadresse, die im Profil fehlt</translation>
        </message>
        <message>
            <source>the foreign agent does not know the challenge</source>
            <translation>der Fremdagent kennt die Challenge nicht</translation>
        </message>
        <message>
            <source>the foreign agent misses a challenge</source>
            <translation>der Fremdagent vermisst eine Challenge</translation>
        </message>
        <message>
            <source>the challenge was stale</source>
            <translation>die Challenge war veraltet</translation>
        </message>
        <message>
            <source>the foreign agent could not check you with its AAA server</source>
            <translation>der Fremdagent konnte Sie nicht bei seinem AAA-Server prüfen</translation>
        </message>
        <message>
            <source>your home agent saw another challenge than the foreign agent</source>
            <translation>Ihr Heimatagent sah eine andere Challenge als der Fremdagent</translation>
        </message>
        <message>
            <source>your home agent refused without giving a reason</source>
            <translation>Ihr Heimatagent hat ohne Grund abgelehnt</translation>
        </message>
        <message>
            <source>The daemon asks again later, ever more seldom. Or ask its owner.</source>
            <translation>Der Dienst fragt später wieder, immer seltener. Oder fragen Sie den Betreiber.</translation>
        </message>
        <message>
            <source>your home agent does not allow this</source>
            <translation>Ihr Heimatagent erlaubt das nicht</translation>
        </message>
        <message>
            <source>Ask its owner; the daemon asks again, but seldom.</source>
            <translation>Fragen Sie den Betreiber; der Dienst fragt wieder, aber selten.</translation>
        </message>
        <message>
            <source>your home agent is full</source>
            <translation>Ihr Heimatagent ist voll</translation>
        </message>
        <message>
            <source>your home agent does not accept your key or SPI</source>
            <translation>Ihr Heimatagent nimmt Ihren Schlüssel oder SPI nicht an</translation>
        </message>
        <message>
            <source>Import the profile again. Else: ask your home agent's owner for a new profile.</source>
            <translation>Importieren Sie das Profil noch einmal. Sonst: Bitten Sie den Betreiber Ihres Heimatagenten um ein neues Profil.</translation>
        </message>
        <message>
            <source>your home agent does not trust the foreign agent</source>
            <translation>Ihr Heimatagent vertraut dem Fremdagenten nicht</translation>
        </message>
        <message>
            <source>The daemon asks again later, ever more seldom. An own address would help.</source>
            <translation>Der Dienst fragt später wieder, immer seltener. Eine eigene Adresse würde helfen.</translation>
        </message>
        <message>
            <source>your clock and your home agent's differ</source>
            <translation>Ihre Uhr und die Ihres Heimatagenten gehen verschieden</translation>
        </message>
        <message>
            <source>The daemon corrects for it and asks once more.</source>
            <translation>Der Dienst gleicht es aus und fragt noch einmal.</translation>
        </message>
        <message>
            <source>your home agent could not read the request</source>
            <translation>Ihr Heimatagent konnte die Anfrage nicht lesen</translation>
        </message>
        <message>
            <source>you are registered in too many places at once</source>
            <translation>Sie sind an zu vielen Orten zugleich angemeldet</translation>
        </message>
        <message>
            <source>The daemon gives up the others and asks once more.</source>
            <translation>Der Dienst gibt die anderen auf und fragt noch einmal.</translation>
        </message>
        <message>
            <source>this is not your home agent's address</source>
            <translation>das ist nicht die Adresse Ihres Heimatagenten</translation>
        </message>
        <message>
            <source>The daemon asks the one that the reply names.</source>
            <translation>Der Dienst fragt den, den die Antwort nennt.</translation>
        </message>
        <message>
            <source>your home agent does not offer reverse tunnelling</source>
            <translation>Ihr Heimatagent bietet keinen Rücktunnel an</translation>
        </message>
        <message>
            <source>your home agent requires reverse tunnelling</source>
            <translation>Ihr Heimatagent verlangt den Rücktunnel</translation>
        </message>
        <message>
            <source>your home agent does not offer this encapsulation</source>
            <translation>Ihr Heimatagent bietet diese Kapselung nicht an</translation>
        </message>
        <message>
            <source>your home agent offers no UDP tunnel</source>
            <translation>Ihr Heimatagent bietet keinen UDP-Tunnel an</translation>
        </message>
        <message>
            <source>The daemon asks without one. Behind a NAT that does not help: ask your home agent's owner to turn it on.</source>
            <translation>Der Dienst bittet um keinen. Hinter NAT hilft das nicht: Bitten Sie den Betreiber Ihres Heimatagenten, ihn einzuschalten.</translation>
        </message>
        <message>
            <source>your home agent names another one to use</source>
            <translation>Ihr Heimatagent nennt einen anderen, den Sie nehmen sollen</translation>
        </message>
        <message>
            <source>your home agent could not check you with its AAA server</source>
            <translation>Ihr Heimatagent konnte Sie nicht bei seinem AAA-Server prüfen</translation>
        </message>
        <message>
            <source>your subscription does not include this service</source>
            <translation>Ihr Vertrag umfasst diesen Dienst nicht</translation>
        </message>
        <message>
            <source>the home agent's address in the request is not valid</source>
            <translation>die Adresse des Heimatagenten in der Anfrage ist ungültig</translation>
        </message>
        <message>
            <source>accepted, and the home prefix is about to change</source>
            <translation>angenommen, und das Präfix des Heimatnetzes ändert sich bald</translation>
        </message>
        <message>
            <source>The daemon asks for the new prefixes.</source>
            <translation>Der Dienst fragt nach den neuen Präfixen.</translation>
        </message>
        <message>
            <source>refused without giving a reason</source>
            <translation>ohne Grund abgelehnt</translation>
        </message>
        <message>
            <source>not allowed</source>
            <translation>nicht erlaubt</translation>
        </message>
        <message>
            <source>Ask your home agent's owner; the daemon asks again, but seldom.</source>
            <translation>Fragen Sie den Betreiber Ihres Heimatagenten; der Dienst fragt wieder, aber selten.</translation>
        </message>
        <message>
            <source>your home agent does not do mobility for you</source>
            <translation>Ihr Heimatagent hält Sie nicht mobil</translation>
        </message>
        <message>
            <source>The daemon asks the next home agent, if it knows one, or looks for one.</source>
            <translation>Der Dienst fragt den nächsten Heimatagenten, wenn er einen kennt, oder sucht einen.</translation>
        </message>
        <message>
            <source>not the prefix of this home network</source>
            <translation>nicht das Präfix dieses Heimatnetzes</translation>
        </message>
        <message>
            <source>not your home agent</source>
            <translation>nicht Ihr Heimatagent</translation>
        </message>
        <message>
            <source>another device uses your home address</source>
            <translation>ein anderes Gerät verwendet Ihre Heimatadresse</translation>
        </message>
        <message>
            <source>Ask your home agent's owner to find it; then `mobilenode check` asks again.</source>
            <translation>Bitten Sie den Betreiber Ihres Heimatagenten, es zu finden; dann fragt `mobilenode check` wieder.</translation>
        </message>
        <message>
            <source>the sequence number was too old</source>
            <translation>die laufende Nummer war zu alt</translation>
        </message>
        <message>
            <source>The daemon takes the one it was told, and asks once more.</source>
            <translation>Der Dienst nimmt die, die ihm genannt wurde, und fragt noch einmal.</translation>
        </message>
        <message>
            <source>the home nonce has expired</source>
            <translation>die Zufallszahl für die Heimatadresse ist abgelaufen</translation>
        </message>
        <message>
            <source>The daemon repeats the test by itself; packets go through home meanwhile.</source>
            <translation>Der Dienst wiederholt den Test von selbst; Pakete gehen so lange über zu Hause.</translation>
        </message>
        <message>
            <source>the care-of nonce has expired</source>
            <translation>die Zufallszahl für die Gastadresse ist abgelaufen</translation>
        </message>
        <message>
            <source>both nonces have expired</source>
            <translation>beide Zufallszahlen sind abgelaufen</translation>
        </message>
        <message>
            <source>the kind of registration may not change</source>
            <translation>die Art der Anmeldung darf sich nicht ändern</translation>
        </message>
        <message>
            <source>your home agent wants the time of day in each message</source>
            <translation>Ihr Heimatagent will die Uhrzeit in jeder Nachricht</translation>
        </message>
        <message>
            <source>The daemon adds it and asks once more.</source>
            <translation>Der Dienst fügt sie hinzu und fragt noch einmal.</translation>
        </message>
        <message>
            <source>your home agent does not accept your key</source>
            <translation>Ihr Heimatagent nimmt Ihren Schlüssel nicht an</translation>
        </message>
        <message>
            <source>the care-of address is not valid</source>
            <translation>die Gastadresse ist ungültig</translation>
        </message>
        <message>
            <source>The daemon tries another way or asks again later.</source>
            <translation>Der Dienst versucht einen anderen Weg oder fragt später wieder.</translation>
        </message>
    </context>
</TS>
