/**
 * Words that say nothing about who uses them: of configuration, of business data, and of everyday English. A value that
 * is one of them is never treated as a secret (ordinary.ts). Words below eight letters count as parts of a value only.
 */
const text = `
able about above access account accounts active activity actual adapter address admin administrator adminadmin advanced
after again agency agent agents alert alerts alias align allow allowed allowlist alpha always amazon america american
amount analysis analytics android announcement anonymous another answer answers anything apache apple application
applications approval approved april archive archived argument arguments article articles asia asset assets assignee
assistant attachment attachments attempt attribute attributes audience audit august australia authentication author
authority authorization authorized auto automated automatic automatically automation available average awaiting azure
backend background backup balance banking baseline basic batch bearer because before begin behavior benchmark best beta
between billing binary black blocked blocklist blog blue boolean booking bookings boston both branch brazil breaking
bronze browser bucket budget build builder building business button cache calendar california campaign canada canary
cancel canceled cancelled capacity capability capabilities captain cart cases catalog catalogs category categories
center central certificate certified chain change changed changelog changeme changes channel channels charge charset
chat check checkout checksum chicago children china choice chrome class classic client clients close closed cloud
cluster code collection collections color column columns comment comments commerce commercial commit common community
company compare comparison complete completed completely component components compress computer condition conditions
config configuration configured confirm confirmed connect connected connection connections console consumer contact
contacts container content contents context continue contract contracts control convert cookie corporate corporation
correct country countries coverage create created creation creator criteria critical currency current currently custom
customer customers dashboard data database databases dataset datasets date dates debug debugging december decision
default defaults deflate delete deleted delivered deliveries delivery demo department deploy deployed deployment
deployments description desktop destination detail details dev develop developer developers development device devices
diagnostic diagnostics dictionary different digital direction directory disable disabled discount discovery disk display
distributed distribution docker document documents documentation dollar domain domains done download downloads draft
driver dynamic each early east eastern economy edge edit edition editor education element elements email emails empty
enable enabled encoding encrypted encryption end endpoint endpoints engine engineer engineering english enterprise
entertainment entity entry environment environments error errors estimate euro europe european evaluation event events
every everybody everyone everything example examples excellent exception exchange execute execution existing expected
experience experiment experimental explorer export exports express expression extended extension extensions external
extra face facebook factory failed failure false family fallback fashion fast feature features february federated
feedback fetch field fields file files filter filters final finance financial finished firefox first flag flags flight
flights folder folders following for forecast foreign form format formatted forward found foundation france free freight
frequency friday friend friends from frontend full fulfilled fulfillment function functions furniture future gateway
general generate generated generation generic german germany github gitlab global gold good google government grade
graphics graphql great green group groups guest guests gzip hardware header headers health healthcare healthy heartbeat
hello help hidden high highlight history holiday home hospital host hosted hotel hour hours house hybrid identifier
identifiers identity image images immediate immediately immutable import important imports inactive inbound incident
incidents include included including incoming incomplete index india individual industry info information
infrastructure ingress initial initialize innovation input inspector install installed instance instances instruction
instructions insurance integer integration integrations interactive interface internal international internet
interval inventory investment invoice invoices ireland issue issues italy item items january japan java javascript job
jobs journal json july june just keep keepalive kernel keyboard keyword keywords known kubernetes label labels lambda
language languages last latency latest latin launch layer layout learning legacy letmein level library license light
limit limits linked linux list listing literature live load local locale localhost location locations logger logging
logical login london long lookup machine magazine mail mailbox main maintenance major manage managed management manager
manual manually manufacturer mapping march market marketing marketplace master material maximum measure measurement
media medical medium member members membership memory merchant merchandise message messages messaging metadata meter
method metric metrics microsoft middleware migration migrations minimal minimum minor minute minutes mirror missing
mobile mock mode model models modern modified module modules monday money monitor monitoring monitors month monthly more
motor mountain multiple museum music name names national native natural navigation necessary network networks never
newsletter next nickname night node none normal north northeast northern northwest nothing notification notifications
november null number numbers object objects observability october office official offline okay once online only open
operation operational operations operator operators optimized option optional options oracle order ordered orders
organization organizations original other others outbound output overview owner package packages page pages parameter
parameters parent partial participant partner partners password passwords passw0rd patch path patient payload payment
payments pending people performance period permission permissions person personal phone photo physical picture pipeline
plain plan platform platforms player plugin point policy pool popular port portal portfolio position possible post
postgres postgresql practice preferred premium prepared preprod preproduction present preview previous price prices
pricing primary print printing priority private probably problem problems process processed processing processor prod
product production products profession professional professor profile profiles profit program programs progress project
projects promotion prompt properties property protected protocol protocols provider providers proxy public published
publisher purchase purchases purpose python quality quantity quarter quarterly query question questions queue quick
quota qwerty qwertyui qwertyuiop random range rate rating react read readable reader readonly ready real realtime reason
reasons receipt receipts receive received recipient recipients recommended record records recovery recurring redacted
redirect reference references refresh refund refunds region regional regions register registered registration registry
regression regular release released releases remote removed render rental replica replicas replication report reporting
reports repository request requested requests required requirement requirements research reservation reservations
reserved reset resolution resolved resource resources response responses restaurant restaurants restore restricted
result results retail retailer retention retries retry return returned returns revenue review reviews revision role
roles rollback rollout root route router routing rule rules running runtime safari sales same sample sandbox saturday
save schedule scheduled scheduler schema school science scope score screen script search second secondary seconds secret
section sector security segment select selected selection self seller semantic send sender sensitive september sequence
serial server serverless servers service services session sessions setting settings several shadow shared shipment
shipments shipped shipping shop shopping short should show sidecar signature silver similar simple simulation single
site size small smart snapshot snapshots social software solution solutions some somebody someone something sometimes
south southeast southern southwest spain special specific specification speed spring staff stage staging standalone
standard standards standby start started starter state statement states static statistics status stock storage store
stores strategic strategy stream streaming street strict string structure structured student students studio subject
submit submitted subscriber subscription subscriptions success successful summary sunday supplier suppliers supply
support supported surface survey suspended switch symbol synthetic system systems table tables tablet target targets
task tasks team teams technical technology telemetry telephone template templates temporal temporary tenant tenants
terminal test tester testing tests text than that the their then there these they thing things this thread through
throughput thursday ticket tickets tier time timeout timeouts timestamp timezone title today together token tokens
tomorrow toolbox total tracking trade traffic training transaction transactions transfer transfers transform
translation transport transportation travel traveler trial trigger triggers true trunk trusted tuesday turbo type
typescript ultimate undefined under understand unified uniform unique united universal university unknown unlimited
unspecified until update updated updates upgrade upload uploads upstream usage used user username users using utility
utilities vacation valid validate validated validation value values variable variables variant vehicle vehicles vendor
vendors verification verified version versions vertical very video videos view viewer virtual visible visitor visitors
volume voucher warehouse warehouses warning warnings watch weather webhook webhooks website wednesday week weekend
weekly welcome west western wholesale widget window windows wireless with without wizard word work workbench worker
workers workflow workflows workload workspace workspaces world write writer yearly yellow yesterday york your zone
12345678 123456789 1234567890 00000000 11111111 87654321
`;

/** In lower case. */
export const commonWords: ReadonlySet<string> = new Set(text.trim().split(/\s+/));
